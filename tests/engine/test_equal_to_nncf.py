"""What a compression writes has NNCF's own numbers, found by a straight call of its functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest

from ovtui.core.recipes.compression import CompressWeights, Quantize
from ovtui.core.runs.run_folder import Run
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.data.spool import Spool, SpoolWriter
from ovtui.engine.store.progress import Journal

_ROUNDING = 1e-5
"""Of float32 sums in another order."""


@pytest.fixture
def samples(tmp_path: Path) -> Spool:
    generator = np.random.default_rng(0)
    with SpoolWriter(tmp_path, "inputs") as writer:
        for _ in range(12):
            writer.append({"pixel_values": generator.random((1, 3, 16, 16), dtype=np.float32)})
    return Spool(tmp_path, "inputs")


def _constants(model: Any) -> list[np.ndarray]:
    """Every constant, in the order of the graph."""
    return [op.data for op in model.get_ordered_ops() if op.get_type_name() == "Constant"]


@pytest.mark.parametrize("fp16", [False, True], ids=["fp32", "fp16"])
@pytest.mark.parametrize("method", [Quantize(), CompressWeights()], ids=["quantize", "weights"])
def test_constants_are_nncfs(
    method: Any, fp16: bool, tiny_files: Path, samples: Spool, tmp_path: Path
) -> None:
    source, target = tiny_files / "model.xml", tmp_path / "out.xml"
    ov.save_model(ov.Core().read_model(source), tmp_path / "base.xml", compress_to_fp16=fp16)
    journal = Journal(Run(tmp_path), "x")
    baseline = tmp_path / "base.xml"
    compress(source, target, method, Samples(samples), Storage(fp16, baseline), journal)
    model = ov.Core().read_model(source)
    if isinstance(method, Quantize):
        straight = nncf.quantize(model, nncf.Dataset(list(samples)), subset_size=len(samples))
    else:
        straight = nncf.compress_weights(model)
    ours, theirs = _constants(ov.Core().read_model(target)), _constants(straight)
    assert [it.shape for it in ours] == [it.shape for it in theirs]
    for got, wanted in zip(ours, theirs, strict=True):
        assert got.dtype.kind == wanted.dtype.kind
        if wanted.dtype.kind in "iu":
            assert np.array_equal(got, wanted)
        else:
            rounding = 2.0**-11 if got.dtype == np.float16 else _ROUNDING
            least = _ROUNDING * np.abs(wanted).max(initial=0)  # biases near 0 are sums of others
            assert np.allclose(got, wanted, rtol=rounding, atol=least)
