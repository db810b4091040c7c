"""Where a conversion leaves its files, and what they are called beside a runtime."""

from __future__ import annotations

from pathlib import Path

from ovtui.core.recipes.task import WHOLE_MODEL

COMPONENT = "component.json"
"""How a pipeline calls a component's graph."""
REST = "rest.safetensors"
"""What of a pipeline is in no component: weights and buffers."""
GENERATION = "generation_config.json"
EXECUTED = "executed_precision.json"
"""Beside a pipeline's outputs: the share of its kernels' time by precision."""
OPERATIONS = "operations.json"
"""Beside it: the time of each operation of its components."""
CHECK = "self_check.json"
"""Beside a variant's outputs: how they were inferred, and whether fresh requests give the same."""

F32 = {"INFERENCE_PRECISION_HINT": "f32"}
EXACT = {**F32, "KV_CACHE_PRECISION": "f32"}
"""The CPU plugin keeps keys and values in u8 where it is not told: logits then differ by 3e-3."""


def f32_on(device: str, *, stateful: bool) -> dict[str, str]:
    """Returns OpenVINO properties for a baseline to be executed in f32.

    Args:
        device: name of one; not every device keeps keys and values.
        stateful: the model keeps keys and values, which would be rounded to u8 otherwise.
    """
    return EXACT if stateful and device.startswith(("CPU", "GPU")) else F32


def graph_of(conversion: Path, component: str) -> Path:
    """Returns the `.xml` that variants are made from: weights in FP32.

    Args:
        conversion: folder of a conversion.
        component: its name.
    """
    return conversion / component / "model.xml"


def baseline_of(conversion: Path, component: str) -> Path:
    """Returns the `.xml` that the baseline runs: weights as the recipe stores them.

    Args:
        conversion: folder of a conversion.
        component: its name.
    """
    return conversion / "baseline" / f"{component}.xml"


def component_of(conversion: Path, component: str) -> Path:
    """Returns the file that says how a pipeline calls the graph."""
    return conversion / component / COMPONENT


def components_of(conversion: Path) -> list[str]:
    """Returns the names of what a pipeline was taken apart into."""
    return sorted(path.parent.name for path in conversion.glob(f"*/{COMPONENT}"))


def stem_of(component: str, *, companions: bool) -> str:
    """Returns the name of a component's files in a variant's folder, as optimum-intel looks for it.

    Args:
        component: its name.
        companions: a Hugging Face model's configuration lies beside it.
    """
    if component == WHOLE_MODEL:
        return "openvino_model" if companions else "model"
    return f"openvino_{component}_model"
