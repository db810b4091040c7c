"""The XML of an OpenVINO IR, without OpenVINO."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

_NO_XML = re.compile(r"&#0*(?:[0-8]|1[124-9]|2\d|3[01]);|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters, and references to them, that the specification of XML 1.0 leaves out."""


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
