"""What an OpenVINO IR tells of its inputs and outputs, without OpenVINO."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from ovtui.core.recipes.ir_xml import ir_root
from ovtui.core.recipes.model_facts import ModelFacts, Port
from ovtui.core.text.errors import SourceError, reason


def of_ir(path: Path) -> ModelFacts:
    """Reads inputs and outputs of an IR, as its XML names them.

    Args:
        path: of the `.xml`.

    Raises:
        SourceError: it cannot be read, or is no IR.
    """
    try:
        root = ir_root(path)
    except (ParseError, OSError) as error:
        raise SourceError(f"{path}: cannot be read: {reason(error)}") from error
    layers = {layer.get("id", ""): layer for layer in root.iterfind("./layers/layer")}
    before = {edge.get("to-layer"): edge for edge in root.iterfind("./edges/edge")}
    inputs = [it for it in layers.values() if it.get("type") == "Parameter"]
    outputs = []
    for result in (it for it in layers.values() if it.get("type") == "Result"):
        edge = before.get(result.get("id"))
        maker = layers.get(edge.get("from-layer", "")) if edge is not None else None
        if edge is not None and maker is not None:
            outputs.append(_port(maker, edge.get("from-port", "")))
    return ModelFacts(
        source=str(path),
        format="openvino",
        inputs=[_port(layer) for layer in inputs],
        outputs=outputs,
    )


def _port(layer: Element, number: str = "") -> Port:
    """An output of a layer, the only one where no number is given."""
    ports = layer.findall("./output/port")
    port = next((it for it in ports if it.get("id") == number), ports[0] if ports else layer)
    names = sorted(filter(None, port.get("names", "").split(",")))
    return Port(
        names=names or [layer.get("name", "")],
        kind=port.get("precision", "").lower().replace("fp", "f"),
        shape=[_size(dim.text or "") for dim in port.findall("dim")],
    )


def _size(text: str) -> int:
    """A free size is -1."""
    return int(text) if text.isdecimal() else -1
