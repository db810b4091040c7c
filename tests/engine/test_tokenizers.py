"""Tokenizers as OpenVINO models: the same tokens and texts, or none at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "recipes" / "demo"

# In a process of its own: openvino-tokenizers changes what `ov.Core` is.
CONVERT = """
import sys
from pathlib import Path
from ovtui.engine.models.tokenizers import convert_tokenizers
print(convert_tokenizers(Path(sys.argv[1]), Path(sys.argv[2])))
"""
USE = """
import sys
import openvino as ov
import openvino_tokenizers
core = ov.Core()
into, back = (core.compile_model(f"{sys.argv[1]}/openvino_{name}.xml", "CPU")
              for name in ("tokenizer", "detokenizer"))
tokens = into(["two digits"])["input_ids"]
print(tokens.tolist(), str(back(tokens)[0][0]))
"""


def run(code: str, *words: Path) -> str:
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("name", ["whisper-digits", "blip-digits"])
def test_the_demos(name: str, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    assert run(CONVERT, DEMO / name, tmp_path) == "None"
    expected = AutoTokenizer.from_pretrained(DEMO / name)("two digits")["input_ids"]
    assert run(USE, tmp_path) == f"[{expected}] two digits"


def test_why_it_was_not_done(tmp_path: Path) -> None:
    told = run(CONVERT, tmp_path, tmp_path)
    assert told == f"{tmp_path}: holds no tokenizer (expected tokenizer.json)"
    # CLIP's of the demo knows a few letters only, which the library's operation cannot do.
    shutil.copytree(DEMO / "clip-digits", tmp_path / "clip")
    told = run(CONVERT, tmp_path / "clip", tmp_path)
    assert "clip: its tokenizer" in told and "\n" not in told
    assert not list(tmp_path.glob("*.xml"))
