"""What the XML of an OpenVINO IR says, without OpenVINO."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from ovtui.core.recipes.source import model_format

_NO_XML = re.compile(r"&#0*(?:[0-8]|1[124-9]|2\d|3[01]);|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters, and references to them, that the specification of XML 1.0 leaves out."""
_CONSTANT = re.compile(r'element_type="(\w+)"[^>]*?\bsize="(\d+)"')


def weights_beside(ir: Path) -> Path:
    """Returns the file of an IR's weights: the `.bin` beside its `.xml`."""
    return ir.with_suffix(".bin")


def ir_root(path: Path) -> ElementTree.Element:
    """Returns the root of an XML file, read as leniently as OpenVINO reads it.

    A layer's name may hold control characters, which XML 1.0 has no way to write: pugixml writes
    and reads them all the same.

    Raises:
        ElementTree.ParseError: it is no XML, or cut short.
        OSError: it cannot be read.
    """
    try:
        return ElementTree.parse(path).getroot()
    except ElementTree.ParseError:
        text = path.read_bytes().decode(errors="replace")
        return ElementTree.fromstring(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def storage_of(model: Path) -> str:
    """Returns the type that most bytes of an IR's weights are stored in, as in `fp16` or `i8`."""
    if model_format(model) != "openvino":
        return ""
    stored: Counter[str] = Counter()
    for line in model.read_text(encoding="utf-8", errors="replace").splitlines():
        if "offset=" in line and (match := _CONSTANT.search(line)):
            stored[match[1]] += int(match[2])
    kind = stored.most_common(1)[0][0] if stored else ""
    return {"f16": "fp16", "f32": "fp32"}.get(kind, kind)
