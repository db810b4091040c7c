"""The variants worth trying on any model, in place of a recipe's own (`--variants standard`)."""

from __future__ import annotations

from copy import deepcopy

from ovtui.core.files.reading import TomlTable
from ovtui.core.recipes.task import TASKS, components_of

_STANDARD: dict[str, TomlTable] = {
    "int8": {"method": "quantize"},
    "int8 accurate bias correction": {"method": "quantize", "fast_bias_correction": False},
    "int8 weights": {"method": "compress_weights", "mode": "int8_asym"},
    "int4 weights": {
        "method": "compress_weights",
        "mode": "int4_sym",
        "group_size": 64,
        "dataset": True,
        "awq": True,
        "scale_estimation": True,
        # Layers too small for a group stay in 8 bits, which the run tells.
        "advanced_parameters": {"group_size_fallback_mode": "ignore"},
    },
}
_ALPHAS: dict[str, TomlTable] = {
    f"int8 α={alpha:g}": {
        "method": "quantize",
        "advanced_parameters": {"smooth_quant_alpha": alpha},
    }
    for alpha in (0.5, 0.15)
}
"""SmoothQuant's strength: NNCF's own 0.95 costs CLIP ten points of ImageNet top-1."""


def standard_variants(table: TomlTable) -> list[TomlTable]:
    """Returns the standard variants as a recipe's table holds them, for the components of its first
    one.

    Args:
        table: the recipe as TOML gives it.
    """
    first: TomlTable = next(iter(table.get("variants") or []), {})
    own = components_of(str(table.get("task")))
    names = list(first.get("components") or own)
    methods = dict(_STANDARD)
    task = TASKS.get(str(table.get("task")))
    if task is not None and task.transformer:
        methods |= _ALPHAS
    return [
        {"name": variant, "components": {name: deepcopy(method) for name in names}}
        for variant, method in methods.items()
    ]
