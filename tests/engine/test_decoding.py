"""Tokens chosen beside transformers' own loop: the same ones, for any family and any settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from msgspec import structs
from transformers import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from ovtui.core.recipes.recipe import load
from ovtui.core.text.errors import SourceError
from ovtui.engine.components.graph import convert_component, signature_of
from ovtui.engine.components.next_call import NextCall, next_call
from ovtui.engine.components.observe import observed
from ovtui.engine.components.state import make_stateful
from ovtui.engine.components.swap import Compiled, swap
from ovtui.engine.pipelines.decoding import take_over
from ovtui.engine.pipelines.pipeline import from_source
from ovtui.engine.store.stage_work import PipelineFiles
from tests.engine.test_components import PIPELINES
from tests.support.tiny_pipelines import F32, TOKENS
from tests.support.tiny_seq2seq import write_seq2seq_folder

SETTINGS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "a least length": {"min_new_tokens": TOKENS},
    "a least length with the prompt": {"min_length": 7},
    "one token": {"max_new_tokens": 1},
    "as many as the pattern takes": {"max_new_tokens": 3},
    "one more than that": {"max_new_tokens": 4},
    "tokens that cannot come": {"suppress_tokens": [3, 7, 11, 20, 41]},
    "tokens that cannot come first": {"begin_suppress_tokens": [3, 7, 11, 20, 41]},
    "nothing said twice": {"no_repeat_ngram_size": 2},
    "said again less": {"repetition_penalty": 1.7},
    "two beams": {"num_beams": 2},
    "sampled": {"do_sample": True, "temperature": 1.3},
}
BY_TRANSFORMERS = {"one token", "as many as the pattern takes", "two beams", "sampled"}


class Swapped:
    """A tiny pipeline whose decoder is compiled, with the loop of transformers or ours."""

    def __init__(self, family: str) -> None:
        torch.manual_seed(0)
        build, paths, self.ask = PIPELINES[family]
        self.model, path = build().eval(), paths[-1]
        with observed({path: self.model.get_submodule(path)}) as calls, torch.no_grad():
            for number in range(2):
                self.ask(self.model, number)
        signature = signature_of(path, calls[path])
        self.module = self.model.get_submodule(path)
        graph = make_stateful(convert_component(self.module, signature))
        compiled = ov.Core().compile_model(graph, "CPU", F32)
        self.decoder = swap(self.model, signature.component, compiled)

    def answers(self, settings: Mapping[str, Any], count: int = 3) -> list[Any]:
        """Answers with these settings, of which the third is of the first one's input."""
        torch.manual_seed(0)
        theirs = self.module.generate
        self.module.generate = lambda *args, **named: theirs(*args, **(named | dict(settings)))
        try:
            with torch.inference_mode():
                return [self.ask(self.model, number) for number in (0, 1, 0)[:count]]
        finally:
            self.module.generate = theirs


@pytest.fixture(scope="module", params=PIPELINES)
def both(request: pytest.FixtureRequest) -> tuple[Swapped, Swapped]:
    theirs, ours = Swapped(request.param), Swapped(request.param)
    take_over(ours.module, ours.decoder)
    return theirs, ours


def counted(decoder: Compiled, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    stepped: list[int] = []
    step = decoder.step
    monkeypatch.setattr(decoder, "step", lambda feed: (stepped.append(1), step(feed))[1])
    return stepped


@pytest.mark.parametrize("name", SETTINGS)
def test_tokens_are_those_of_transformers(
    both: tuple[Swapped, Swapped], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = both
    stepped = counted(ours.decoder, monkeypatch)
    expected = theirs.answers(SETTINGS[name])
    for answer, wanted in zip(ours.answers(SETTINGS[name]), expected, strict=True):
        assert answer.tolist() == wanted.tolist()
    if name == "a least length":
        assert stepped, "the answers are long enough for a step"
    if name in BY_TRANSFORMERS:
        assert not stepped


@pytest.mark.parametrize("both", ["t5"], indirect=True)
def test_what_returns_more_than_tokens_is_left_to_transformers(
    both: tuple[Swapped, Swapped],
) -> None:
    settings = {"return_dict_in_generate": True, "output_logits": True}
    expected, answers = (swapped.answers(settings) for swapped in both)
    for answer, wanted in zip(answers, expected, strict=True):
        assert torch.equal(answer.sequences, wanted.sequences)
        assert torch.equal(torch.stack(answer.logits), torch.stack(wanted.logits))


class Written(BaseStreamer):
    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.ended = 0

    def put(self, value: torch.Tensor) -> None:
        assert not self.ended
        self.tokens += value.reshape(-1).tolist()

    def end(self) -> None:
        self.ended += 1


@pytest.mark.parametrize(
    "settings", [{"min_new_tokens": TOKENS}, *({"max_new_tokens": most} for most in (2, 3))]
)
def test_a_streamer_is_given_each_token_once(
    both: tuple[Swapped, Swapped], settings: dict[str, Any]
) -> None:
    theirs, ours = Written(), Written()
    for swapped, streamer in zip(both, (theirs, ours), strict=True):
        swapped.answers(settings | {"streamer": streamer}, count=1)
    assert theirs.tokens == ours.tokens
    assert theirs.ended == ours.ended == 1


def test_a_criterion_of_ones_own_ends_an_answer(both: tuple[Swapped, Swapped]) -> None:
    class AfterSix(StoppingCriteria):
        def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
            return torch.full((len(input_ids),), input_ids.shape[1] >= 6)

    settings = {"stopping_criteria": StoppingCriteriaList([AfterSix()]), "min_new_tokens": 5}
    theirs, ours = (swapped.answers(settings) for swapped in both)
    assert [answer.tolist() for answer in ours] == [answer.tolist() for answer in theirs]


def test_calls_without_a_pattern_go_on_in_transformers(
    both: tuple[Swapped, Swapped], monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = both
    monkeypatch.setattr(ours.decoder, "following", lambda: None)
    stepped = counted(ours.decoder, monkeypatch)
    settings = {"min_new_tokens": TOKENS}
    expected = [answer.tolist() for answer in theirs.answers(settings)]
    try:
        assert [answer.tolist() for answer in ours.answers(settings)] == expected
        assert not ours.decoder.steps and not stepped
    finally:
        ours.decoder.steps = True


def ids(*tokens: int) -> np.ndarray:
    return np.array([tokens], np.int64)


def test_how_inputs_go_on() -> None:
    states = np.random.default_rng(0).random((1, 4, 8), dtype=np.float32)
    before = {"input_ids": ids(5), "attention_mask": ids(1, 1), "position_ids": ids(1), "s": states}
    last = {
        "input_ids": ids(9),
        "attention_mask": ids(1, 1, 1),
        "position_ids": ids(2),
        "s": states,
    }
    following = next_call(before, last)
    assert following is not None
    for token, length in ((7, 4), (8, 5)):
        feed = following.feed(token)
        assert feed["input_ids"].tolist() == [[token]]
        assert feed["attention_mask"].tolist() == [[1] * length]
        assert feed["position_ids"].tolist() == [[length - 1]]
        assert feed.keys() == {"input_ids", "attention_mask", "position_ids"}


@pytest.mark.parametrize(
    "last",
    [
        {"input_ids": ids(9, 9)},
        {"input_ids": ids(9), "mask": ids(1, 1, 0)},
        {"input_ids": ids(9), "mask": ids(1, 0, 1)},
        {"input_ids": ids(9), "mask": ids(3, 3)},
        {"input_ids": ids(9), "mask": np.array([[1.0, 1.0, 1.0]], np.float32)},
        {"input_ids": ids(9), "mask": ids(1, 1), "more": ids(1)},
        {"tokens": ids(9), "mask": ids(1, 1)},
    ],
)
def test_inputs_that_follow_no_pattern(last: dict[str, np.ndarray]) -> None:
    assert next_call({"input_ids": ids(5), "mask": ids(1, 1)}, last) is None


def test_a_pattern_names_its_tokens() -> None:
    given = {"decoder_input_ids": ids(5)}
    assert next_call(given, {"decoder_input_ids": ids(9)}) == NextCall("decoder_input_ids", {}, {})


@pytest.mark.parametrize(
    ("asked", "said", "instead"),
    [
        ({"penalty_alpha": 0.6, "top_k": 4}, "penalty_alpha asks for contrastive search", 4),
        (
            {"num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 0.5},
            "num_beam_groups asks for group beam search",
            1,
        ),
    ],
)
def test_a_way_that_lies_on_the_hub_is_refused(
    asked: dict[str, Any], said: str, instead: int, tmp_path: Path
) -> None:
    recipe = write_seq2seq_folder(tmp_path)
    file = tmp_path / "model" / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | asked))
    files = PipelineFiles(load(recipe), str(tmp_path), conversion="", models={})
    with pytest.raises(SourceError) as raised:
        from_source(files)
    message = str(raised.value)
    assert message.startswith(f"{file}: {said}") and "\n" not in message
    assert f"generation.num_beams = {instead}" in message
    generation = structs.replace(files.recipe.generation, num_beams=instead)
    from_source(structs.replace(files, recipe=structs.replace(files.recipe, generation=generation)))


@pytest.mark.parametrize("both", ["t5"], indirect=True)
def test_a_loop_that_is_asked_for_it_refuses_it_too(both: tuple[Swapped, Swapped]) -> None:
    with pytest.raises(SourceError, match=r"generation_config\.json: penalty_alpha asks for"):
        both[1].answers({"penalty_alpha": 0.6, "top_k": 4})
