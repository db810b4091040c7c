"""From a PyTorch model to OpenVINO graphs."""
