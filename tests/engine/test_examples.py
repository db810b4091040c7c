from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ovtui.core.recipes import recipe
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.examples import save_examples, wait_for_examples
from ovtui.engine.data.labels import Labels
from ovtui.engine.store.cache import Cache
from ovtui.engine.tasks import open_task

DEMO = Path(__file__).parents[2] / "recipes" / "demo"
SAMPLE = {"pixels": np.arange(6, dtype=np.float32).reshape(1, 6)}


def test_it_is_found_while_others_are_still_collected(tmp_path: Path) -> None:
    def collect() -> None:
        time.sleep(0.1)
        save_examples([SAMPLE], tmp_path)

    thread = threading.Thread(target=collect)
    thread.start()
    (found,) = wait_for_examples([tmp_path, tmp_path / "renamed"]).prepared
    thread.join()
    np.testing.assert_array_equal(found["pixels"], SAMPLE["pixels"])


def test_it_is_found_after_its_folder_was_renamed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    written = cache.begin(Run(tmp_path / "run"), "evaluation", "key")
    save_examples([SAMPLE], written)
    place = cache.commit(written, "evaluation", "key")
    assert list(wait_for_examples([written, place]).prepared[0]) == ["pixels"]


def test_a_finished_collection_without_it_is_not_waited_for(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    place = cache.commit(cache.begin(Run(tmp_path / "run"), "x", "key"), "x", "key")
    with pytest.raises(SourceError, match="holds no first sample"):
        wait_for_examples([place])


@pytest.mark.parametrize(
    ("name", "count"),
    [("blip-captioning-digits", 2), ("whisper-digits", 2), ("blip-vqa-digits", 4)],
)
def test_few_examples_show_what_varies(name: str, count: int) -> None:
    model = DEMO / name.replace("-vqa", "").replace("-captioning", "")
    task = open_task(recipe.load(DEMO / f"{name}.toml"), Labels([], []), model, None)
    longer = {"pixels": np.zeros((1, 7), np.float32)}
    assert not task.enough([SAMPLE] * (count - 1))
    assert task.enough([SAMPLE] * count)
    assert task.enough([SAMPLE, longer])
