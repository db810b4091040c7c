"""A model whose configuration does not say of what kind it is, as those of 2019: it is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.placed_recipe import placed
from ovtui.core.recipes.recipe_check import check
from ovtui.core.text.errors import RecipeError, SourceError
from ovtui.engine.conversion.collect import open_samples
from ovtui.engine.models.companions import copy_companions
from ovtui.engine.models.sources import load_model

NAMED = 'model={ source = "model", class = "BertForSequenceClassification" }'


@pytest.fixture
def old(tiny_text: Path) -> Path:
    """A recipe whose model has the files that pytorch-transformers wrote."""
    folder = tiny_text.parent / "model"
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    words = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "vocab.txt").write_text("\n".join(sorted(words, key=words.__getitem__)) + "\n")
    for name in ("model.safetensors", "tokenizer.json"):
        (folder / name).unlink()
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "max_len": 24}')
    settings = json.loads((folder / "config.json").read_text())
    for key in ("model_type", "architectures", "transformers_version"):
        settings.pop(key, None)
    (folder / "config.json").write_text(json.dumps(settings))
    return tiny_text


def _load(recipe: Path, *settings: str) -> Any:
    return load_model(placed(recipes.load(recipe, list(settings)), recipe.parent))


def test_a_class_that_is_named(old: Path) -> None:
    assert type(_load(old, NAMED)).__name__ == "BertForSequenceClassification"
    recipe = recipes.load(old, [NAMED])
    selection, task = open_samples(placed(recipe, old.parent), "evaluation", references=True)
    ids = task.inputs(next(iter(selection))[1])["input_ids"]
    assert ids[0, 0] == 2 and 1 not in ids  # [CLS], and no word is unknown
    out = old.parent / "out"
    copy_companions(placed(recipe, old.parent), out)
    assert json.loads((out / "config.json").read_text())["model_type"] == "bert"


def test_no_class_is_named(old: Path) -> None:
    with pytest.raises(SourceError, match='model.class = "BertForSequenceClassification"'):
        _load(old)


def test_a_class_that_is_none(old: Path) -> None:
    for name, meant in (("BertForSequenceClasification", "BertForSeq"), ("BertConfig", "Bert")):
        with pytest.raises(SourceError, match=f"no model class '{name}', did you mean '{meant}"):
            _load(old, NAMED.replace("BertForSequenceClassification", name))


def test_a_class_where_none_is_asked_for(tiny: Path) -> None:
    recipe = recipes.load(tiny, ['model.class="BertModel"'])
    with pytest.raises(RecipeError, match="model.class: names the class of a Hugging Face model"):
        check(placed(recipe, tiny.parent))
