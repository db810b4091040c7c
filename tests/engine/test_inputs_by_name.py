"""Inputs go to PyTorch by name: what forward lacks is left out and said, never passed by place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
import transformers

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.conversion.convert import convert
from ovtui.engine.data.examples import Examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.data.spool import Arrays
from ovtui.engine.models.pytorch import call, given_to, tensors_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted
from ovtui.engine.tasks import open_model, task_class
from tests.support.tiny_text import RECIPE, WORDS, configure, write_tokenizer

F32 = {"INFERENCE_PRECISION_HINT": "f32"}
SIZES: dict[str, Any] = {
    "vocab_size": 5 + len(WORDS), "hidden_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 24,
}  # fmt: skip
TEXTS = ("the dog sees a big red cat", "a bird", "the small dog likes not the bird")


class Masked(torch.nn.Module):
    """Takes names, with one that may be left out."""

    def forward(self, ids: Any, mask: Any, scale: Any = None) -> Any:
        found = (ids * mask).sum(1, keepdim=True).float()
        return found if scale is None else found * scale


class Whatever(torch.nn.Module):
    """Takes any name."""

    def forward(self, **inputs: Any) -> Any:
        return inputs["one"] - inputs["other"]


class InOrder(torch.nn.Module):
    """Takes no names."""

    def forward(self, *inputs: Any) -> Any:
        return inputs[0] - 2 * inputs[1]


class Swallowing(torch.nn.Module):
    """Takes any further name, and has no use for one."""

    def forward(self, other: Any, one: Any, **further: Any) -> Any:
        return other - 2 * one + further.get("shift", 0)


def converted(
    module: Any, folder: Path, samples: Sequence[Arrays], **how: Any
) -> tuple[Converted, Any, str]:
    """What conversion tells, the compiled graph, and the run's events."""
    out = folder / "out"
    out.mkdir()
    examples, journal = Examples(samples, **how), Journal(Run(folder), "convert")
    told = convert(module, examples, "CPU", out, journal, fp16=False)
    compiled = ov.Core().compile_model(out / "model" / "model.xml", "CPU", F32)
    events = folder / "events.jsonl"
    return told, compiled, events.read_text() if events.exists() else ""


def row(**values: float) -> Arrays:
    return {name: np.array([[value, 1, 2]], np.float32) for name, value in values.items()}


@pytest.mark.parametrize(
    ("module", "names", "expected", "left_out"),
    [
        (Masked(), ["mask", "ids"], ["ids", "mask"], []),
        (Masked(), ["types", "mask", "ids"], ["ids", "mask"], ["types"]),
        (Whatever(), ["one", "other"], ["one", "other"], []),
        (InOrder(), ["b", "a"], ["b", "a"], []),
        (torch.nn.Linear(3, 1), ["pixel_values"], ["pixel_values"], []),
        (torch.jit.script(torch.nn.Linear(3, 1)), ["input", "more"], ["input"], ["more"]),
    ],
)
def test_names_are_matched(
    module: Any, names: list[str], expected: list[str], left_out: list[str]
) -> None:
    given = given_to(module, names)
    assert (given.names, given.left_out) == (expected, left_out)
    assert given.by_name == (module.__class__ not in (InOrder, torch.nn.Linear))


@pytest.mark.parametrize("names", [["ids", "maks"], ["a", "b"], ["mask"], ["x"]])
def test_a_name_that_is_missing_is_never_made_up_for_by_order(names: list[str]) -> None:
    with pytest.raises(SourceError, match="forward takes ids, mask, scale; the data gives"):
        given_to(Masked(), names)


@pytest.mark.parametrize("module", [Whatever(), InOrder(), Swallowing()])
def test_a_graph_gives_what_its_module_gives(module: Any, tmp_path: Path) -> None:
    sample = row(one=4, other=9)
    told, compiled, _ = converted(module, tmp_path, [sample])
    assert told.difference == 0
    assert [port.any_name for port in compiled.inputs] == list(given_to(module, list(sample)).names)
    (want,) = call(module, tensors_of(sample)).values()
    assert np.array_equal(compiled(sample)[0], want)


def test_what_keyword_arguments_swallow_is_left_out_unless_it_matters(tmp_path: Path) -> None:
    sample = row(one=4, shift=0, other=9, types=1)
    _, compiled, events = converted(Swallowing(), tmp_path, [sample])
    assert {port.any_name for port in compiled.inputs} == {"one", "other", "shift"}
    assert "the model has no use for types: left out" in events
    changed = row(one=4, shift=3, other=9)
    (want,) = call(Swallowing(), tensors_of(changed)).values()
    assert np.array_equal(compiled(changed)[0], want)


def test_outputs_that_are_no_tensors_are_named() -> None:
    class Cached(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return {"logits": x, "past": transformers.DynamicCache()}

    with pytest.raises(SourceError, match=r"output past .* DynamicCache, no tensor; use_cache"):
        call(Cached(), {"x": torch.zeros(1)})


def text_model(folder: Path, name: str, **further: Any) -> Any:
    """A tiny classifier of texts with BERT's tokenizer, as `tiny.toml` beside it says."""
    torch.manual_seed(0)
    config = getattr(transformers, f"{name}Config")(**SIZES | further)
    model = getattr(transformers, f"{name}ForSequenceClassification")(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():  # fresh ones hardly look at their inputs
            parameter.normal_(0, 0.3)
    model.save_pretrained(folder / "model")
    write_tokenizer(folder / "model")
    configure(folder / "model", "tokenizer_config.json", tokenizer_class="BertTokenizer")
    (folder / "tiny.toml").write_text(RECIPE.format(task="text-classification"))
    return model


@pytest.mark.parametrize(
    ("name", "further"),
    [
        ("MPNet", {}),
        ("DistilBert", {"dim": 16, "hidden_dim": 32, "n_layers": 1, "n_heads": 2}),
        ("GPT2", {"n_embd": 16, "n_layer": 1, "n_head": 2, "pad_token_id": 0}),
    ],
)
def test_a_tokenizer_says_more_than_the_model_takes(
    name: str, further: dict[str, Any], tmp_path: Path
) -> None:
    model = text_model(tmp_path, name, **further)
    recipe = recipes.load(tmp_path / "tiny.toml")
    kind: Any = task_class(recipe.task)
    task = kind(recipe, Labels(None), tmp_path / "model", None)
    rows = [{"text": text, "text_pair": TEXTS[1]} for text in TEXTS]
    samples = [task.inputs(row) for row in rows]
    assert "token_type_ids" in samples[0] and samples[0]["token_type_ids"].any()
    told, compiled, events = converted(
        open_model(placed(recipe, tmp_path)),
        tmp_path,
        samples[:2],
        processed=[task.processed(row) for row in rows[:2]],
        dynamic=kind.dynamic,
    )
    assert told.difference is not None and told.difference < 1e-4
    assert ("no use for token_type_ids: left out" in events) == (name != "GPT2")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    for one in TEXTS:
        tokens = tokenizer(one, TEXTS[1], return_tensors="pt")
        if name != "GPT2":
            tokens.pop("token_type_ids")
        with torch.no_grad():
            want = model(**tokens).logits
        inputs = {port.any_name: tokens[port.any_name].numpy() for port in compiled.inputs}
        assert np.allclose(compiled(inputs)[0], want.numpy(), atol=1e-4)


def test_the_check_calls_the_original_apart_from_the_trace(tmp_path: Path) -> None:
    """A task that prepares a row otherwise than the model's processor is noticed."""
    sample = {"ids": np.array([[3, 4, 5]]), "mask": np.array([[1, 1, 1]])}
    other = sample | {"mask": np.array([[1, 1, 0]])}
    told, _, events = converted(Masked(), tmp_path, [sample], processed=[other])
    assert told.difference is not None and told.difference > 0.1
    assert "differ from the original's" in events
