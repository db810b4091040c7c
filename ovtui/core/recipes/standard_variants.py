"""The variants worth trying on any model, in place of a recipe's own (`--variants standard`)."""

from __future__ import annotations

from copy import deepcopy

from ovtui.core.files.reading import TomlTable
from ovtui.core.recipes.task import LANGUAGE, TASKS, components_of

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

_ALL: dict[str, TomlTable] = {
    "int8 all": {"method": "quantize", "keep_heads": False, "keep_decoder": False}
}
"""Of a detector: what keeping its last part in floating point gives shows beside this one."""

_INT4: TomlTable = {
    "method": "compress_weights",
    "mode": "int4_asym",
    "group_size": 128,
    # Where a layer's inputs are no multiple of the group's size, a smaller one is taken for it.
    "advanced_parameters": {"group_size_fallback_mode": "adjust"},
}
_ESTIMATED: TomlTable = _INT4 | {"awq": True, "dataset": True, "scale_estimation": True}
_LADDER: dict[str, TomlTable] = {
    "int8 weights": {"method": "compress_weights", "mode": "int8_asym"},
    "int4 weights": _INT4,
    "int4 AWQ": _INT4 | {"awq": True},
    "int4 AWQ + scale estimation": _ESTIMATED,
    "int4 ratio 0.8": _ESTIMATED | {"ratio": 0.8},
    "int4 group 64": _ESTIMATED | {"group_size": 64},
    "int4 GPTQ": _INT4 | {"awq": True, "dataset": True, "gptq": True},
}
"""Of language models: weights alone, from the quickest to the dearest."""


def standard_variants(table: TomlTable) -> list[TomlTable]:
    """Returns the standard variants as a recipe's table holds them, for the components of its first
    one.

    Args:
        table: the recipe as TOML gives it.
    """
    first: TomlTable = next(iter(table.get("variants") or []), {})
    own = components_of(str(table.get("task")))
    names = list(first.get("components") or own)
    task = TASKS.get(str(table.get("task")))
    methods = _LADDER if table.get("task") == LANGUAGE else _STANDARD
    if methods is _STANDARD and task is not None and task.transformer:
        methods = _STANDARD | _ALPHAS
    if task is not None and "objects" in task.compares:
        methods = methods | _ALL
    return [
        {"name": variant, "components": {name: deepcopy(method) for name in names}}
        for variant, method in methods.items()
    ]
