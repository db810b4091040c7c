"""Which recipes fit a model, and why the others do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.recipes.catalog import RecipeEntry, recipes
from ovtui.core.recipes.fitting import why_not
from ovtui.core.recipes.graph_facts import of_ir
from ovtui.core.recipes.model_facts import ModelFacts, Port, of_folder
from ovtui.core.text.errors import SourceError

DEMO = Path(__file__).parents[2] / "recipes" / "demo"


def _recipe(task: str, columns: tuple[str, ...] = (), classes: int | None = None) -> RecipeEntry:
    return RecipeEntry(
        name="r", path="r.toml", origin="yours", task=task, columns=list(columns), classes=classes
    )


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("whisper-digits", {"whisper", "whisper-digits"}),
        ("bert-paraphrase", {"bert-mrpc", "bert-paraphrase"}),
        ("clip-digits", {"clip-zero-shot", "clip-digits"}),
        ("segformer-digits", {"segformer-ade20k", "segformer-digits"}),
        (
            "blip-digits",
            {"blip-vqa", "blip-captioning", "blip-vqa-digits", "blip-captioning-digits"},
        ),
    ],
)
def test_built_in_recipes_for_a_folder(home: Path, folder: str, expected: set[str]) -> None:
    model = of_folder(DEMO / folder)
    fitting = {entry.name for entry in recipes() if not why_not(model, entry)}
    assert fitting == expected


def test_graphs_are_told_from_their_xml(tiny: Path) -> None:
    model = of_ir(tiny.with_name("model.xml"))
    assert model.inputs == [Port(names=["pixel_values"], kind="f32", shape=[1, 3, 16, 16])]
    assert model.outputs == [Port(names=["logits"], kind="f32", shape=[1, 4])]
    pictures = _recipe("image-classification", classes=10)
    assert why_not(model, pictures) == "names 10 classes, the model has 4 scores"
    assert why_not(model, _recipe("image-classification", classes=4)) == ""
    assert why_not(model, _recipe("image-classification")) == ""
    assert "needs a Hugging Face folder" in why_not(model, _recipe("text-classification"))
    missing = why_not(model, _recipe("tensors", ("x", "reference")))
    assert missing == "has no column for the input pixel_values"
    assert why_not(model, _recipe("tensors", ("pixel_values", "reference"))) == ""


def test_a_damaged_graph_is_told(tiny: Path) -> None:
    path = tiny.with_name("model.xml")
    path.write_text("<net")
    with pytest.raises(SourceError, match="cannot be read"):
        of_ir(path)


def test_an_unknown_architecture_fits_nothing() -> None:
    model = ModelFacts(source="m", format="huggingface", architecture="FooForBar")
    assert "nothing tells what a FooForBar is for" in why_not(model, _recipe("tensors"))


def test_a_recipe_for_detection_fits_any_graph_that_takes_a_picture() -> None:
    def graph(*shape: int) -> ModelFacts:
        return ModelFacts(
            source="m.onnx", format="onnx", inputs=[Port(names=["x"], shape=[*shape], kind="f32")]
        )

    detection = _recipe("object-detection", ("image", "objects"))
    assert why_not(graph(1, 3, 64, 64), detection) == ""
    assert why_not(graph(1, 64), detection).startswith("wants a picture in; the model takes x ")


def test_a_recipe_for_masks_fits_a_graph_that_gives_some() -> None:
    def graph(*shape: int) -> ModelFacts:
        picture = Port(names=["x"], shape=[1, 3, 64, 64], kind="f32")
        masks = Port(names=["y"], shape=[*shape], kind="f32")
        return ModelFacts(source="m.onnx", format="onnx", inputs=[picture], outputs=[masks])

    segmentation = _recipe("semantic-segmentation", ("image", "mask"))
    for shape in ((1, 150, 16, 16), (1, 64, 64), (-1, 21, -1, -1), (1, 64, 64, 2)):
        assert why_not(graph(*shape), segmentation) == ""
    for shape in ((1, 10), (1, 512, 1, 1), (1, 3, 4, 4)):
        assert why_not(graph(*shape), segmentation).startswith("wants a picture in and masks out")
