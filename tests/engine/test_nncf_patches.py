"""What ovtui changes in NNCF: all of it is on one list, and what is optional changes no number."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from nncf.quantization.algorithms.fast_bias_correction.algorithm import FastBiasCorrection
from nncf.quantization.algorithms.weight_compression.algorithm import WeightCompression

from ovtui.core.recipes.compression import CompressWeights, Method, Quantize
from ovtui.core.runs.events import Warned
from ovtui.core.runs.run_folder import Run
from ovtui.core.text.errors import SourceError
from ovtui.engine.compression import nncf_patches
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.compression.nncf_patches import registry
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.libraries.library_use import missing
from ovtui.engine.store.progress import Journal
from tests.engine.test_library_internals import is_listed, used

_ROUNDING = 1e-5
"""Of float32 sums in another order."""


@pytest.fixture
def samples(tmp_path: Path) -> Spool:
    generator = np.random.default_rng(0)
    with SpoolWriter(tmp_path, "inputs") as writer:
        for _ in range(6):
            writer.append({"pixel_values": generator.random((1, 3, 16, 16), dtype=np.float32)})
    return Spool(tmp_path, "inputs")


def _compressed(
    tiny_files: Path, samples: Spool, folder: Path, method: Method
) -> tuple[list[Any], list[str]]:
    """The graph's constants and what was warned of."""
    folder.mkdir()
    journal = Journal(Run(folder), "compress")
    source, target = tiny_files / "model.xml", folder / "out.xml"
    compress(source, target, method, Samples(samples), Storage(fp16=False), journal)
    warned = [it.message for it in Run(folder).tail(0).events if isinstance(it, Warned)]
    model = ov.Core().read_model(folder / "out.xml")
    constants = [op.data for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]
    return constants, warned


def test_each_target_is_as_it_was_when_the_patch_was_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for patch in registry.PATCHES:
        use = "for the result" if patch.needed else "for speed or memory"
        print(f"{patch.name} ({use}; {patch.checked_with})")
        print(f"  {patch.why}\n  {patch.how}; upstream: {patch.upstream}")
        for target in patch.targets:
            print(f"    {target.name}({target.parameters})")
        assert missing(patch) is None
        assert patch.why and patch.how and patch.targets
    listed = capsys.readouterr().out
    assert listed.count("upstream: ") == len(registry.PATCHES) == 9


def test_the_list_is_whole() -> None:
    """Each file of the folder that takes something's place is on it."""
    folder = Path(inspect.getfile(nncf_patches)).parent
    with_record = {it.stem for it in folder.glob("*.py") if "PATCH = Patch(" in it.read_text()}
    assert len(with_record) == len(registry.PATCHES)
    others = {it.stem for it in folder.glob("*.py")} - with_record
    assert others == {"__init__", "patch", "registry", "statistics_ahead"}


def test_a_record_names_all_that_its_patch_uses() -> None:
    folder = Path(inspect.getfile(nncf_patches)).parent
    for patch in registry.PATCHES:
        files = [Path(inspect.getfile(patch.apply))]
        files += [folder / "statistics_ahead.py"] * (files[0].stem == "one_pass")
        names = {name for file in files for name in used(file)}
        assert {name for name in names if not is_listed(name, patch)} == set()


def test_pages_are_let_go_of_before_constants_are_folded() -> None:
    """Both change one constructor: the one that is entered later is called first."""
    names = [patch.name for patch in registry.PATCHES]
    assert names.index("extremes of weights by numpy") < names.index("weights let go of")
    engine = "nncf.openvino.engine.OVNativeEngine.__init__"
    assert sum(any(it.name == engine for it in patch.targets) for patch in registry.PATCHES) == 2


@pytest.mark.parametrize("method", [Quantize(), CompressWeights()], ids=["quantize", "weights"])
def test_without_the_optional_ones_the_constants_are_the_same(
    method: Method,
    tiny_files: Path,
    samples: Spool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, warned = _compressed(tiny_files, samples, tmp_path / "all", method)
    assert not warned
    monkeypatch.setattr(registry, "missing", _missing_if_optional)
    plain, warned = _compressed(tiny_files, samples, tmp_path / "needed", method)
    assert len(warned) == sum(not patch.needed for patch in registry.PATCHES)
    assert [it.shape for it in ours] == [it.shape for it in plain]
    for got, wanted in zip(ours, plain, strict=True):
        if wanted.dtype.kind in "iu":
            assert np.array_equal(got, wanted)
        else:
            least = _ROUNDING * np.abs(wanted).max(initial=0)
            assert np.allclose(got, wanted, rtol=_ROUNDING, atol=least)


def _missing_if_optional(patch: Any) -> str | None:
    return None if patch.needed else "nncf 9.0 has no such thing"


def test_an_optional_one_whose_target_was_renamed_is_left_out_and_told(
    tiny_files: Path, samples: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = FastBiasCorrection._get_bias_shift

    def other(self: Any, **named: Any) -> Any:
        return original(self, **named)

    monkeypatch.setattr(FastBiasCorrection, "_get_bias_shift", other)
    constants, warned = _compressed(tiny_files, samples, tmp_path / "run", Quantize())
    assert constants
    (warning,) = warned
    assert warning.startswith("bias shifts evaluated is left out, which costs time or memory only")
    assert (
        "._get_bias_shift of nncf 3." in warning and "takes (self, named), (self, model," in warning
    )


def test_a_needed_one_whose_target_is_gone_is_refused_by_the_version(
    tiny_files: Path, samples: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(WeightCompression, "get_bitwidth_distribution_str")
    with pytest.raises(SourceError) as caught:
        _compressed(tiny_files, samples, tmp_path / "run", CompressWeights())
    told = str(caught.value)
    assert "\n" not in told
    assert "get_bitwidth_distribution_str, which ovtui relies on for bit widths of weights" in told
    assert "install nncf 3.4.0" in told
