"""Group sizes of `compress_weights`, held against the weights before anything is compressed.

NNCF looks at them last: after the statistics, which of a large model take an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ovtui.core.recipes.compression import CompressWeights, Method
from ovtui.core.recipes.ir_xml import ir_root
from ovtui.core.text.errors import RecipeError

_PER_CHANNEL = -1
_DEFAULTS = {"int4_sym": 128, "int4_asym": 128, "int3_sym": 128, "int2_sym": 128, "nf4": 128}
"""NNCF 3.4, where `group_size` is left out; other modes allow one size alone, or none."""


def check_group_size(where: str, method: Method, model: Path) -> None:
    """Refuses a group size that does not divide the inputs of a linear layer.

    Args:
        where: the method's place in the recipe.
        method: of a variant's component.
        model: the IR that it is for.

    Raises:
        RecipeError: it names the first layer, and sizes that fit.
    """
    if not isinstance(method, CompressWeights) or method.mode not in _DEFAULTS:
        return
    advanced, size = method.advanced_parameters, method.group_size or _DEFAULTS[method.mode]
    may_differ = advanced is not None and advanced.group_size_fallback_mode in ("ignore", "adjust")
    # At a smaller ratio some layers get 8 bits, and which is not known before.
    if size == _PER_CHANNEL or may_differ or method.ratio not in (None, 1):
        return
    inputs = dict(_linear_layers(model))
    if size < 1:
        raise RecipeError(f"{where}.group_size: expected 1 or more, or -1, found {size}")
    misfits = [name for name, count in inputs.items() if count % size]
    if not misfits:
        return
    fitting = [it for it in (128, 64, 32, 16, 8) if not any(n % it for n in inputs.values())]
    advice = f"take {' or '.join(map(str, fitting))}, or " if fitting else ""
    raise RecipeError(
        f"{where}.group_size: {size} does not divide the {inputs[misfits[0]]} inputs of "
        f"{misfits[0]} ({len(misfits)} of {len(inputs)} linear layers); {advice}set "
        'advanced_parameters.group_size_fallback_mode = "adjust"'
    )


def _linear_layers(model: Path) -> Iterator[tuple[str, int]]:
    """Names and numbers of inputs of a graph's linear layers but for the last, which NNCF keeps in
    8 bits.
    """
    root = ir_root(model)
    layers = {layer.get("id", ""): layer for layer in root.iterfind("./layers/layer")}
    sources = {
        (edge.get("to-layer", ""), edge.get("to-port", "")): edge.get("from-layer", "")
        for edge in root.iterfind("./edges/edge")
    }
    results = {number for number, layer in layers.items() if layer.get("type") == "Result"}
    last = {source for (reader, _), source in sources.items() if reader in results}
    for number, layer in layers.items():
        if layer.get("type") != "MatMul" or number in last:
            continue
        weight = layers.get(sources.get((number, "1"), ""))
        if weight is not None and weight.get("type") == "Convert":  # of what is stored in 16 bits
            weight = layers.get(sources.get((weight.get("id", ""), "0"), ""))
        data, how = (None if it is None else it.find("data") for it in (weight, layer))
        if data is None or how is None or weight is None or weight.get("type") != "Const":
            continue
        shape = _shape(data)
        if len(shape) > 1:
            yield layer.get("name", ""), shape[-1 if how.get("transpose_b") == "true" else -2]


def _shape(data: Element) -> list[int]:
    return [int(size) for size in data.get("shape", "").split(",") if size.strip()]
