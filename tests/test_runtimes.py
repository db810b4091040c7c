"""Other runtimes load a run's folders as they are: Whisper's, of the offline demo.

openvino-genai comes with the tests. optimum-intel needs an older transformers than ovtui does, thus
an environment of its own: `OVTUI_OPTIMUM_PYTHON` names its Python, as `.ci/run` does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovtui import cli

RECORDINGS = Path(__file__).parents[1] / "recipes" / "demo" / "spoken-digits"
CLIPS = 4

GENAI = """
import json, sys, openvino_genai, soundfile
pipeline = openvino_genai.WhisperPipeline(sys.argv[1], "CPU")
texts = [
    pipeline.generate(soundfile.read(path, dtype="float32")[0].tolist()).texts[0]
    for path in sys.argv[2:]
]
print(json.dumps(texts))
"""

OPTIMUM = """
import json, sys, soundfile
from optimum.intel import OVModelForSpeechSeq2Seq
from transformers import AutoProcessor
model = OVModelForSpeechSeq2Seq.from_pretrained(sys.argv[1])
processor = AutoProcessor.from_pretrained(sys.argv[1])
texts = []
for path in sys.argv[2:]:
    sound, rate = soundfile.read(path, dtype="float32")
    features = processor(sound, sampling_rate=rate, return_tensors="pt").input_features
    texts += processor.batch_decode(model.generate(features), skip_special_tokens=True)
print(json.dumps(texts))
"""


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of a finished run's variants."""
    place = tmp_path_factory.mktemp("whisper")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "LOCKS", "CONFIG"):
            (place / name).mkdir()
            patch.setenv(f"OVTUI_{name}", str(place / name))
        settings = ["data.evaluation.samples=4", "data.calibration.samples=8", "samples=0"]
        settings += ["measure.latency=false"]
        words = [word for setting in settings for word in ("--set", setting)]
        assert cli.main(["run", "whisper-digits", *words]) == 0
    run = next((place / "HOME" / "runs").iterdir())
    return sorted((run / "models").iterdir())


@pytest.fixture(scope="module")
def clips() -> dict[str, str]:
    """A few recordings, and what is said in them."""
    lines = (RECORDINGS / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] == "test"][:CLIPS]
    return {str(RECORDINGS / row["file"]): row["text"] for row in rows}


def texts(python: str, program: str, folder: Path, clips: dict[str, str]) -> list[str]:
    """What another runtime writes down, in a process of its own."""
    done = subprocess.run(
        [python, "-c", program, str(folder), *clips], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [text.strip() for text in json.loads(done.stdout.splitlines()[-1])]


def test_openvino_genai(variants: list[Path], clips: dict[str, str]) -> None:
    assert [folder.name for folder in variants] == ["fp32", "int8", "int8 weight-only decoder"]
    for folder in variants:
        assert texts(sys.executable, GENAI, folder, clips) == list(clips.values())


def test_optimum_intel(variants: list[Path], clips: dict[str, str]) -> None:
    python = os.environ.get("OVTUI_OPTIMUM_PYTHON")
    if not python:
        pytest.skip("OVTUI_OPTIMUM_PYTHON names no Python with optimum-intel; .ci/run makes one")
    assert len(variants) == 3 and clips
    for folder in variants:
        assert texts(python, OPTIMUM, folder, clips) == list(clips.values())
