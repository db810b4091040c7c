"""From a model of one's own to a recipe, with keys alone; engines are not asked."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from textual.widgets import Input

from ovtui.core.asking import new_recipe as asking
from ovtui.core.asking.new_recipe import Looked, Tried
from ovtui.core.home import directories
from ovtui.core.recipes.data_facts import DataColumn, DataFacts, Split
from ovtui.core.recipes.model_facts import of_folder
from ovtui.core.results.prediction import ClassPrediction
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import UserError
from tests.support.own_models import ir_classifier
from tests.tui.drive import LARGE, SMALL, Hand, drive

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
BERT = DEMO / "bert-paraphrase"


@pytest.fixture
def reviews(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CSV file, a folder of models in the settings, and an engine that knows both."""
    data = tmp_path / "reviews.csv"
    data.write_text("sentence,label\n")
    directories.settings_path().parent.mkdir(parents=True)
    directories.settings_path().write_text(f'models = ["{DEMO}"]\n')
    columns = [
        DataColumn(name="sentence", kind="text", example="good"),
        DataColumn(name="label", kind="name", values=["bad", "good"], example="good"),
    ]
    facts = DataFacts(
        source=str(data),
        splits=[Split(name="all", rows=90)],
        columns=columns,
        evaluated="all",
    )
    monkeypatch.setattr(
        asking, "look", lambda model, data: Looked(model=of_folder(BERT), data=facts)
    )
    return data


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The drafts that were tried, as TOML."""
    texts: list[str] = []

    def try_recipe(path: Path) -> Tried:
        texts.append(path.read_text())
        if "evil" in texts[-1]:
            raise UserError(f"{path}: data.columns: no column 'evil'")
        return Tried(
            inputs={"input_ids": "int64 [1, 7]"},
            shown={"text": "good"},
            reference="good",
            prediction=ClassPrediction(label="bad", score=0.75),
        )

    monkeypatch.setattr(asking, "try_recipe", try_recipe)
    return texts


async def _open(hand: Hand) -> None:
    await hand.press("1", "slash", *"bert-para", "enter")
    assert "bert-paraphrase" in hand.words


async def _pick_in(hand: Hand, folder: Path) -> None:
    """Open a new recipe's form, and a folder in its picker of data."""
    await _open(hand)
    await hand.press("n", "ctrl+o")
    hand.app.screen.query_one(Input).value = f"{folder}/"
    await hand.settle()


async def _go(hand: Hand, key: str) -> None:
    """Press down until the cursor is on a value."""
    for _ in range(20):
        if any(text.startswith("›") and key in text for text in hand.lines):
            return
        await hand.press("j")
    raise AssertionError(f"no {key} in\n{hand.screen}")


def test_recipes_that_fit_come_first(reviews: Path) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await hand.press("j", "r")
        rows = [text.split()[0:3] for text in hand.lines if "fits" in text or "is for" in text]
        assert "recipes fit" in hand.words and "bert-mrpc" in hand.words
        assert "is for image-classification" in hand.words
        names = [row[0].strip("›") or row[1] for row in rows]
        assert names.index("blip-vqa") > names.index("bert-mrpc")
        await hand.press("slash", *"whisper", "enter")
        assert "bert-mrpc" not in hand.words and "whisper-digits" in hand.words
        await hand.press("question_mark")
        assert "a new recipe" in hand.words
        await hand.press("escape", "escape")
        assert hand.app.current_mode == "models" and len(hand.app.screen_stack) == 1

    drive(script, SMALL)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_recipe_is_proposed_tried_changed_and_started(
    size: tuple[int, int], reviews: Path, tried: list[str], quiet: list[Run]
) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await hand.press("n")
        assert "give your data" in hand.words
        await hand.press(*str(reviews), "enter")
        assert "works on one sample" in hand.words and "bad (75.0%)" in hand.words
        assert "data.labels" in hand.words and "labels" in tried[0]
        await _go(hand, "data.labels")
        assert "a guess" in hand.words
        await hand.press("enter", "ctrl+u", *'["good", "bad"]', "enter")
        assert tomllib.loads(tried[-1])["data"]["labels"] == ["good", "bad"]
        await hand.press("G", "space")
        assert "‹ leave out › variant" in hand.words
        assert "int8 accurate bias correction" in hand.screen
        await hand.press("r")
        path = directories.config_dir() / "recipes" / "bert-paraphrase-reviews.toml"
        table = tomllib.loads(path.read_text())
        assert table["data"]["labels"] == ["good", "bad"]
        assert "int8 α=0.15" not in [it["name"] for it in table["variants"]]
        assert "start bert-paraphrase-reviews" in hand.words
        await hand.press("r")
        assert [run.request().name for run in quiet] == ["bert-paraphrase-reviews"]

    drive(script, size)


def test_the_form_begins_with_its_data(reviews: Path, tried: list[str]) -> None:
    """An enter that gives nothing leaves the field: the path's letters would be keys otherwise."""

    async def script(hand: Hand) -> None:
        await _open(hand)
        await hand.press("n")
        assert "your data: a file, or a folder" in hand.words
        await hand.press("enter", *str(reviews), "enter")
        assert "works on one sample" in hand.words and not hand.app.paused

    drive(script)


def test_data_is_picked_with_a_filter_and_what_was_taken_before_comes_first(
    reviews: Path, tried: list[str], tmp_path: Path
) -> None:
    async def script(hand: Hand) -> None:
        await _pick_in(hand, tmp_path)
        assert "./ this folder" in hand.words
        await hand.press(*"revi", "enter")
        assert 'reviews.csv"' in hand.words and "works on one sample" in hand.words
        await hand.press("o")
        assert "earlier" in hand.words
        await hand.press("enter")
        assert "works on one sample" in hand.words
        await hand.press("o", "escape", "escape")
        assert hand.app.current_mode == "models"

    app = drive(script, LARGE)
    assert app.remembered.data == [str(reviews)]


def test_a_folder_of_data_is_picked(reviews: Path, tried: list[str], tmp_path: Path) -> None:
    async def script(hand: Hand) -> None:
        await _pick_in(hand, tmp_path)
        await hand.press("enter")
        assert "works on one sample" in hand.words
        assert hand.app.remembered.data == [str(tmp_path)]

    drive(script, LARGE)


def test_what_does_not_work_is_told_and_nothing_is_written(reviews: Path, tried: list[str]) -> None:
    async def script(hand: Hand) -> None:
        await _open(hand)
        await hand.press("n", *"/no/such.csv", "enter")
        assert "no such file" in hand.words
        await hand.press("w")
        assert "no such file" in hand.words
        await hand.press("escape")
        await hand.press("enter")
        await hand.press("ctrl+u", *str(reviews), "enter")
        await _go(hand, "data.columns")
        await hand.press("enter", "ctrl+u", *'{ text = "evil" }', "enter")
        assert "✗ data.columns: no column 'evil'" in hand.words
        await hand.press("u")
        assert "works on one sample" in hand.words
        await hand.press("escape")
        assert not (directories.config_dir() / "recipes").exists()

    drive(script, SMALL)


def test_a_recipe_that_is_there_is_replaced_after_a_question(
    reviews: Path, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = directories.config_dir() / "recipes" / "bert-paraphrase-reviews.toml"
    path.parent.mkdir()
    path.write_text("mine")

    async def script(hand: Hand) -> None:
        await _open(hand)
        await hand.press("n", *str(reviews), "enter")  # the proposal comes from an engine
        await hand.press("w")
        assert "replace it?" in hand.words
        await hand.press("n")
        assert path.read_text() == "mine"
        await hand.press("w", "y")
        assert 'task = "text-classification"' in path.read_text()

    drive(script, SMALL)


def test_a_folder_with_models_is_added(home: Path) -> None:
    async def script(hand: Hand) -> None:
        await hand.press("1", "A")
        assert "Which folder is searched" in hand.words
        await hand.press(*str(DEMO), "enter")
        assert f'models = ["{DEMO}"]' in directories.settings_path().read_text()
        here = next(text for text in hand.lines if text.startswith("›"))
        assert "bert-paraphrase" in here  # the first one in it

    drive(script, SMALL)


def test_of_a_model_file_its_folder_is_added_and_one_without_models_is_told(
    home: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    model, _ = ir_classifier(tmp_path)

    async def script(hand: Hand) -> None:
        await hand.press("1", "A", *str(tmp_path / "empty"), "enter")
        said = hand.app.screen.query_one("Page")
        assert "an .xml or .onnx file" in hand.within(said)
        await hand.press("escape", "A", *str(model), "enter")
        here = next(text for text in hand.lines if text.startswith("›"))
        assert "net/model.xml" in here

    drive(script, SMALL)


def test_a_folder_with_models_is_chosen_from_files_and_offered_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = ir_classifier(tmp_path)
    monkeypatch.chdir(tmp_path)

    async def script(hand: Hand) -> None:
        await hand.press("1", "A", "ctrl+o")
        assert "folder with models" in hand.screen and "pictures/" in hand.screen
        await hand.press(*"net", "enter")
        assert "this folder" in hand.screen and model.name in hand.screen
        await hand.press("enter")
        assert "1 found in" in hand.words
        assert f'models = ["{model.parent}"]' in directories.settings_path().read_text()
        await hand.press("A", "ctrl+o")
        assert f"earlier {model.parent}" in hand.words
        await hand.press("escape", "escape")
        assert hand.app.place is hand.app.screen

    drive(script, LARGE)


def test_a_folder_that_cannot_be_opened_says_so(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    monkeypatch.chdir(tmp_path)

    async def script(hand: Hand) -> None:
        await hand.press("1", "A", "ctrl+o")
        (tmp_path / "closed").rmdir()  # as permissions do, which hold nobody who is root
        await hand.press(*"closed", "enter")
        assert "closed/: no such file or directory" in hand.words

    drive(script, LARGE)
