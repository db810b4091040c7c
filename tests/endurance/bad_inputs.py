"""Files by generation: every reader gives an answer or one clear error, in time."""

from __future__ import annotations

import io
import random
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from ovtui.core import catalog, events, outcomes, predictions, recipe, result, setting
from ovtui.core.errors import UserError
from ovtui.core.reading import Damaged, read_toml
from ovtui.core.reports import report
from ovtui.core.reports.summary import summary
from ovtui.core.runs import Run
from ovtui.engine.data.audio import read_audio
from ovtui.engine.data.npz_files import from_npz
from ovtui.engine.data.pictures import read_picture
from ovtui.engine.data.rows import Unusable
from ovtui.engine.model_config import check_config
from tests.core.sample_result import sample_result
from tests.endurance.tally import Tally
from tests.tiny import RECIPE

_SECONDS = 20
_EXPECTED = (UserError, Damaged, OSError, Unusable)
_TOKENS = [
    b"[" * 5000,
    b'{"a":' * 5000,
    b"9" * 5000,
    b"1e400",
    b"-0",
    b"null",
    b'"\\ud800"',
    b"\xff\xfe",
    b"\x00",
    b"\x1b[2J",
    "\u202e".encode(),
    b"\r\n",
    b"=cmd()",
    b"'''",
    b"a." * 200 + b"a = 1",
]


class Reader(NamedTuple):
    """What reads a kind of file, and one that is whole."""

    name: str
    whole: bytes
    read: Callable[[Path], Any]


def attack(folder: Path, count: int, chance: random.Random) -> Tally:
    """Give the readers `count` files between them."""
    tally = Tally("inputs")
    readers = _readers()
    path = folder / "file"

    @seed(chance.randrange(2**32))
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(readers), st.data())
    def give(reader: Reader, data: st.DataObject) -> None:
        written = data.draw(_changed(reader.whole))
        path.write_bytes(written)
        with tally.trying(reader.name, repr(written[:200]), _SECONDS):
            try:
                reader.read(path)
            except _EXPECTED:
                return

    while tally.tried < count:  # Hypothesis ends early where it has seen all
        give()
    return tally


def _changed(whole: bytes) -> st.SearchStrategy[bytes]:
    """A whole file with bytes changed, cut, doubled or put in between; or any bytes at all."""
    places = st.integers(0, len(whole))
    pieces = st.one_of(st.binary(max_size=16), st.sampled_from(_TOKENS))
    put = st.builds(lambda at, piece: whole[:at] + piece + whole[at:], places, pieces)
    over = st.builds(
        lambda at, piece: whole[:at] + piece + whole[at + len(piece) :], places, pieces
    )
    cut = st.builds(lambda a, b: whole[: min(a, b)] + whole[max(a, b) :], places, places)
    doubled = st.builds(lambda a, b: whole[:a] + whole[min(a, b) :], places, places)
    return st.one_of(put, over, cut, doubled, st.binary(max_size=200), st.sampled_from(_TOKENS))


def _readers() -> list[Reader]:
    found = sample_result()
    kept = outcomes.Outcomes(
        metric="accuracy",
        reduction="mean",
        higher_is_better=True,
        dataset="d",
        split="test",
        samples=[0, 1],
        variants={"fp32": [[1.0], [0.0]]},
    )
    event = events.Measured(time=0, variant="a", what="latency", value={"p50_ms": 1.0})
    toml = RECIPE.encode()
    return [
        Reader("recipe", toml, recipe.load),
        Reader("recipe's row", toml, lambda path: catalog._recipe_entry(path, "yours")),
        Reader("settings", b'models = ["~/m"]\ncache_gib = 2.0\n', read_toml),
        Reader("--set", b"variants.int8.components.model.preset=mixed", _setting),
        Reader("result.json", result.encode(found), _result),
        Reader("events.jsonl", events.encode(event), _events),
        Reader("outcomes.json", msgspec.json.encode(kept), _named(outcomes.FILE, outcomes.read)),
        Reader(
            "predictions",
            msgspec.json.encode(found.samples[0]) + b"\n",
            _named(predictions.FILE, lambda folder: predictions.find(folder, "x")),
        ),
        Reader("config.json", b'{"num_hidden_layers": 2}', _named("config.json", check_config)),
        Reader("npz", _npz(), lambda path: from_npz(path, "x.npz", "all")),
        Reader("picture", _png(), lambda path: read_picture(str(path), None)),
        Reader("sound", _wav(), lambda path: read_audio(str(path), None, None, 16_000)),
    ]


def _named(name: str, read: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """A reader of a folder's file of this name."""

    def function(path: Path) -> Any:
        place = path.parent / "named"
        place.mkdir(exist_ok=True)
        path.replace(place / name)
        return read(place)

    return function


def _setting(path: Path) -> Any:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    setting.split(text)
    whole = path.with_name("whole.toml")
    whole.write_text(RECIPE)
    return recipe.load(whole, [text])


def _result(path: Path) -> None:
    try:
        found = result.read(path)
    except ValueError:
        return
    for text in (summary(found, 80), report.to_markdown(found), report.to_csv(found)):
        if "\x1b" in text:
            raise AssertionError("an escape passed")
    report.to_html(found)


def _events(path: Path) -> None:
    run = Run(path.parent)
    path.replace(run.events_path)
    for _ in run.tail().events, run.outcome(), run.last_event(), run.state():
        pass


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, images=np.zeros((2, 4, 4, 3), np.uint8), labels=np.arange(2))
    return file.getvalue()


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 10, 10)).save(file, "png")
    return file.getvalue()


def _wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((1, 2, 16_000, 0, "NONE", ""))
        written.writeframes(bytes(3200))
    return file.getvalue()
