"""Stage outputs: what their keys depend on, and that nothing half-written is ever found."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from ovtui.core.recipes import recipe as recipes
from ovtui.core.recipes.source import File, Folder
from ovtui.core.runs import events, run_folder
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.engine.evaluation import outputs
from ovtui.engine.run import stage_keys
from ovtui.engine.run.stage_keys import Part
from ovtui.engine.run.variants import Output
from ovtui.engine.store import digests, fingerprint
from ovtui.engine.store.cache import Cache, content_key, copy, is_finished
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import Inference, job_of
from tests.support.held import write_recipe


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return write_recipe(tmp_path / "recipe")


def make_run() -> Run:
    return run_folder.create(Request(name="tiny", created="", device="CPU", base="/"))


def write(cache: Cache, run: Run, key: str, content: bytes = b"content") -> Path:
    written = cache.begin(run, "convert", key)
    (written / "model.bin").write_bytes(content)
    return cache.commit(written, "convert", key)


def keys(path: Path, *settings: str, device: str = "CPU") -> dict[str, str]:
    """The key of each stage of a recipe's run."""
    recipe = recipes.load(path, list(settings))
    request = Request(name="tiny", created="", device=device, base=str(path.parent), recipe=recipe)
    job = job_of(request)
    convert = stage_keys.conversion(job)
    found = {"convert": convert.key}
    for use in ("calibration", "evaluation"):
        found[use] = stage_keys.collection(job, use, references=True).key
    variant = recipe.variants[0]
    part = Part(
        stage=variant.name,
        component="model",
        method=variant.components["model"],
        source=Output(path, found["convert"]),
        calibration=Output(path, found["calibration"]),
        validation=None,
    )
    found["compress"] = stage_keys.compression(job, part).key
    return found


@pytest.mark.parametrize(
    "setting",
    [
        'title="another"',
        "measure.seconds=9",
        "measure.blocks=20",
        "measure.throughput=false",
        "max_drop=0.5",
        "samples=1",
        'variants.int8.name="another"',
        "variants.int8.execution.NUM_STREAMS=1",
        "data.allow_overlap=true",
    ],
)
def test_what_does_not_change_an_output_does_not_change_its_key(recipe: Path, setting: str) -> None:
    assert keys(recipe, setting) == keys(recipe)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {stage for stage in before if before[stage] != after[stage]}


@pytest.mark.parametrize(
    ("setting", "stages_changed"),
    [
        ("model.arguments.seed=1", {"convert", "compress"}),
        ("variants.int8.components.model.preset=mixed", {"compress"}),
        ("data.calibration.samples=9", {"calibration", "compress"}),
        ("data.calibration.seed=9", {"calibration", "compress"}),
        ("data.evaluation.samples=9", {"evaluation"}),
        ('data.labels=["d", "c", "b", "a"]', {"calibration", "evaluation", "compress"}),
        ("data.preprocessing.scale=2.0", {"convert", "calibration", "evaluation", "compress"}),
        ("baseline.storage=fp32", {"convert", "compress"}),
    ],
)
def test_a_setting_changes_the_keys_of_what_it_changes(
    recipe: Path, setting: str, stages_changed: set[str]
) -> None:
    assert changed(keys(recipe), keys(recipe, setting)) == stages_changed


def touch_later(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


@pytest.mark.parametrize(
    ("change", "stages_changed"),
    [
        (lambda path: path.write_text(path.read_text() + "\n# other code\n"), None),
        (touch_later, set()),
    ],
    ids=["content", "time only"],
)
def test_a_function_s_code_counts_and_its_time_does_not(
    recipe: Path, change: Callable[[Path], object], stages_changed: set[str] | None
) -> None:
    before = keys(recipe)
    change(recipe.with_name("held.py"))
    expected = set(before) if stages_changed is None else stages_changed
    assert changed(before, keys(recipe)) == expected


def same_size_and_time(path: Path, content: bytes) -> None:
    """As `cp -p`, `touch -r` and `rsync -t` replace a file."""
    status = path.stat()
    assert len(content) == status.st_size
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_model_and_data_files_count_by_their_content(recipe: Path) -> None:
    weights, data = recipe.with_name("w.safetensors"), recipe.with_name("data.npz")
    weights.write_bytes(b"1")
    settings = ("model.weights=w.safetensors", "data.source=data.npz")
    before = keys(recipe, *settings)
    for path in (weights, data):
        touch_later(path)
    assert changed(before, keys(recipe, *settings)) == set()
    same_size_and_time(weights, b"2")
    assert "convert" in changed(before, keys(recipe, *settings))
    before = keys(recipe, *settings)
    same_size_and_time(data, data.read_bytes()[:-1] + b"0")
    assert changed(before, keys(recipe, *settings)) == set(before)


def test_what_a_function_reads_beside_it_counts(recipe: Path) -> None:
    rows = recipe.parent / "rows" / "rows.npy"
    rows.parent.mkdir()
    rows.write_bytes(b"12")
    before = keys(recipe)
    same_size_and_time(rows, b"34")
    assert changed(before, keys(recipe)) == set(before)
    before = keys(recipe)
    for words in ("report.html", "notes.md", "other.toml", ".hidden"):
        recipe.with_name(words).write_text("words for people")
    assert changed(before, keys(recipe)) == set()


def test_the_weights_beside_an_onnx_file_count(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"..\n\x08location\x12\x0bweights.bin..\n\x08location\x12\x09/etc/motd")
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"1")
    source = File(model, "onnx")
    before = fingerprint.of_source(source, None)
    assert [name for name, _ in before] == ["model.onnx", "weights.bin"]
    same_size_and_time(weights, b"2")
    assert fingerprint.of_source(source, None) != before


def test_a_model_folder_that_moved_is_the_same_model(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"1")
    before = fingerprint.of_source(Folder(folder), None)
    folder.rename(tmp_path / "two")
    assert fingerprint.of_source(Folder(tmp_path / "two"), None) == before


def test_the_device_counts_for_the_conversion(recipe: Path) -> None:
    assert changed(keys(recipe), keys(recipe, device="GPU")) == {"convert", "compress"}


@pytest.mark.parametrize(
    ("package", "stages_changed"),
    [
        ("openvino", {"convert", "compress"}),
        ("nncf", {"compress"}),
        ("torch", {"convert", "compress"}),
        ("datasets", {"calibration", "evaluation", "compress"}),
        ("textual", set()),
    ],
)
def test_library_versions_count_where_the_library_works(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, package: str, stages_changed: set[str]
) -> None:
    before = keys(recipe)
    known = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99" if name == package else known(name))
    assert changed(before, keys(recipe)) == stages_changed


def test_a_key_does_not_depend_on_the_order_of_a_table() -> None:
    assert content_key(a={"x": 1, "y": 2}, b=1) == content_key(b=1, a={"y": 2, "x": 1})
    assert content_key(a=1) != content_key(a=1.5)


def test_an_output_is_found_once_it_is_committed(home: Path, cache: Cache) -> None:
    run = make_run()
    written = cache.begin(run, "convert", "key")
    (written / "model.bin").write_bytes(b"1")
    assert cache.find("convert", "key") is None and written.exists()
    place = cache.commit(written, "convert", "key")
    assert cache.find("convert", "key") == place
    assert is_finished(place) and not written.exists()
    assert cache.find("convert", "other") is None
    assert cache.find("compress", "key") is None


@pytest.mark.parametrize("damage", ["shorter", "missing", "entry", "no entry", "one byte"])
def test_a_damaged_output_is_set_aside_and_told(home: Path, damage: str) -> None:
    told: list[str] = []
    place = write(Cache(home / "cache"), make_run(), "key")
    match damage:
        case "shorter":
            (place / "model.bin").write_bytes(b"con")
        case "missing":
            (place / "model.bin").unlink()
        case "entry":
            (place / "entry.json").write_bytes(b"{")
        case "no entry":
            (place / "entry.json").unlink()
        case "one byte":
            same_size_and_time(place / "model.bin", b"kontent")
    cache = Cache(home / "cache", told.append)
    assert cache.find("convert", "key") is None
    assert not place.exists() and (home / "cache" / ".damaged" / "convert-key").is_dir()
    (line,) = told
    assert ("entry.json" if "entry" in damage else "model.bin") in line and "made anew" in line
    assert cache.find("convert", "key") is None and len(told) == 1
    write(cache, make_run(), "key")
    assert cache.find("convert", "key") == place


def test_who_only_looks_leaves_a_damaged_output_for_who_can_tell(home: Path, cache: Cache) -> None:
    place = write(cache, make_run(), "key")
    assert Cache(cache.folder).look("convert", "key") == place
    (place / "model.bin").write_bytes(b"CONTENT")
    assert Cache(cache.folder).look("convert", "key") is None
    told: list[str] = []
    assert Cache(cache.folder, told.append).find("convert", "key") is None
    assert len(told) == 1 and "made anew" in told[0]


def test_damaged_outputs_of_an_evaluation_are_told(
    home: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    written = cache.begin(run, "outputs", "key")
    (written / "outputs.bin").write_bytes(b"content")
    place = cache.commit(written, "outputs", "key")
    (place / "outputs.bin").write_bytes(b"CONTENT")
    monkeypatch.setattr(outputs, "_inputs", lambda *_: [])
    monkeypatch.setattr(outputs, "infer_with_pytorch", lambda *_: None)
    inference = Inference(variant="pytorch", key="key", models={}, properties={})
    work = SimpleNamespace(cache=str(cache.folder), recipe=None, base="/")
    outputs.outputs_of(inference, work, None, Journal(run, "evaluate"))  # type: ignore[arg-type]
    warned = [it.message for it in run.tail().events if isinstance(it, events.Warned)]
    assert len(warned) == 1 and "outputs.bin is not as it was written" in warned[0]


def test_a_large_file_is_read_again_only_after_a_change(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    opened = digests.open_regular
    monkeypatch.setattr(digests, "open_regular", lambda path: read.append(path) or opened(path))
    path = tmp_path / "model.bin"
    path.write_bytes(bytes(2**20))
    monkeypatch.setattr(digests, "_SETTLED_NS", 10**12)
    digests._known.cache_clear()
    first = digests.of_file(path)
    assert digests.of_file(path) == first and len(read) == 2, "it may change within one tick"
    monkeypatch.setattr(digests, "_SETTLED_NS", 0)
    (home / "cache").mkdir(parents=True)
    digests.of_file(path)
    digests._known.cache_clear()  # another process
    assert digests.of_file(path) == first and len(read) == 3
    same_size_and_time(path, bytes(2**20 - 1) + b"1")
    assert digests.of_file(path) != first


def test_a_run_s_files_are_its_own(home: Path, cache: Cache, tmp_path: Path) -> None:
    """Whoever changes a delivered model in place changes no later run."""
    place = write(cache, make_run(), "key", bytes(range(256)) * 5000)
    target = tmp_path / "models" / "int8" / "model.bin"
    copy(place / "model.bin", target)
    assert target.read_bytes() == bytes(range(256)) * 5000
    target.write_bytes(b"edited")
    assert (place / "model.bin").stat().st_size == 256 * 5000


def test_two_engines_that_commit_the_same_key_keep_the_first(home: Path, cache: Cache) -> None:
    one, two = make_run(), make_run()
    first, second = (cache.begin(run, "convert", "key") for run in (one, two))
    for number, written in enumerate((first, second)):
        (written / "model.bin").write_bytes(bytes([number]))
    places = [cache.commit(written, "convert", "key") for written in (first, second)]
    assert places[0] == places[1] == cache.find("convert", "key")
    assert (places[0] / "model.bin").read_bytes() == b"\0"
    assert [path.name for path in cache.folder.iterdir()] == ["convert-key"]


def test_leftovers_of_processes_that_are_gone_are_removed_and_no_others(
    home: Path, cache: Cache
) -> None:
    dead, alive = make_run(), make_run()
    left = cache.begin(dead, "convert", "key")
    kept = write(cache, dead, "kept")
    with cache.own(alive):
        working = cache.begin(alive, "convert", "key")
        cache.remove_leftovers()
        assert working.exists()
    assert not left.exists() and kept.exists()
    cache.remove_leftovers()
    assert not working.exists(), "nobody owns it any more"


def test_who_asks_a_pipeline_leaves_what_a_run_is_writing(home: Path, tmp_path: Path) -> None:
    """A question has a run folder of its own, beside which no other run is found."""
    from ovtui.engine.run.runner import Runner
    from ovtui.engine.store.progress import Journal

    working, asking = make_run(), Run(tmp_path / "asking")
    asking.folder.mkdir()
    with Runner(working, Journal(working), 2) as runner:
        written = runner.cache.begin(working, "convert", "key")
        with Runner(asking, Journal(asking), 2):
            pass
        assert written.exists()


def test_prune_removes_what_was_not_used_for_longest_and_keeps_what_is_used(
    home: Path, cache: Cache
) -> None:
    run = make_run()
    places = {name: write(cache, run, name, bytes(1000)) for name in ("old", "used", "new")}
    for age, place in enumerate(places.values()):
        os.utime(place, (1000 + age, 1000 + age))
    cache.prune(10_000, keep=[])
    assert len(list(cache.folder.iterdir())) == 3
    cache.prune(1500, keep=[places["used"]])
    assert sorted(path.name for path in cache.folder.iterdir()) == ["convert-new", "convert-used"]
    assert cache.find("convert", "used") == places["used"]  # thus used last
    cache.prune(1500, keep=[])
    assert [path.name for path in cache.folder.iterdir()] == ["convert-used"]
