"""What errors of OpenVINO and PyTorch say, in one line: most of theirs name source files."""

from __future__ import annotations

import re

_NOISE = ("Exception from", "Check '", "While", "FrontEnd API failed", "Model wasn't", "Summary")


def telling_line(error: BaseException) -> str:
    """Says why a model was not read, converted, compiled or run, in one line.

    Returns:
        The operations that OpenVINO cannot convert, else the last line that names no source file
        of the library; the kind of the error where it says nothing.
    """
    text = str(error)
    # Advice about TorchScript follows the reason, which is PyTorch's own.
    if traced := re.search(
        r"TorchScript module by \w+\.\s*Exception:\n(.+?)\n[^\n]*'example_input'", text, re.S
    ):
        text = traced[1]
    if operations := re.search(r"No conversion rule found for operations: (.+)", text):
        return f"no conversion rule for {operations[1].strip()}"
    if failed := re.search(r"Conversion is failed for: (.+)", text):
        why = re.search(r"with a message:\n(.+)", text)
        return f"{failed[1].strip()} failed" + (f": {why[1].strip()[:300]}" if why else "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_NOISE)]
    return (telling or lines or [type(error).__name__])[-1][:300]


def kind_and_line(error: BaseException) -> str:
    """Says an error that nobody foresaw: its kind, and the line that tells."""
    kind, line = type(error).__name__, telling_line(error)
    return line if line == kind else f"{kind}: {line}"
