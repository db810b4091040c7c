"""Terminal workbench for post-training quantization with OpenVINO and NNCF."""

__version__ = "0.1.0"
