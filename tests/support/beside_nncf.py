"""A compressed file beside the one that NNCF and `ov.save_model` write of the same IR."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import nncf
import openvino as ov

from ovtui.core.recipes.compression import CompressWeights, Method
from ovtui.core.runs.run_folder import Run
from ovtui.engine.components.state import make_stateful
from ovtui.engine.compression.compress import Samples, Storage, compress
from ovtui.engine.compression.nncf_parameters import nncf_parameters
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Spool
from ovtui.engine.store.progress import Journal


class Sizes(NamedTuple):
    """Bytes of `.xml` and `.bin` together."""

    ours: int
    plain: int

    @property
    def told(self) -> str:
        """In words, for a table."""
        sign = "LARGER than" if self.ours > self.plain else "of"
        return f"{self.ours} B {sign} NNCF's {self.plain} B"


def sizes(
    graph: Path,
    method: Method,
    samples: Spool,
    folder: Path,
    *,
    stateful: bool = False,
) -> Sizes:
    """Compress an IR both ways, with FP16 storage.

    Args:
        graph: the FP32 IR that a conversion left.
        method: what to do, with its parameters.
        samples: calibration inputs.
        folder: an empty folder.
        stateful: the graph's cache becomes its state.
    """
    baseline, ours, plain = (folder / f"{name}.xml" for name in ("baseline", "ours", "plain"))
    ov.save_model(ov.Core().read_model(graph), baseline, compress_to_fp16=True)
    journal = Journal(Run(folder), "compress")
    storage = Storage(fp16=True, baseline=baseline, stateful=stateful)
    compress(graph, ours, method, Samples(samples), storage, journal)
    model = _with_nncf_alone(ov.Core().read_model(graph), method, samples)
    ov.save_model(make_stateful(model) if stateful else model, plain, compress_to_fp16=True)
    return Sizes(bytes_of(ours), bytes_of(plain))


def bytes_of(path: Path) -> int:
    """Returns what an IR takes on disk."""
    return path.stat().st_size + path.with_suffix(".bin").stat().st_size


def _with_nncf_alone(model: Any, method: Method, samples: Spool) -> Any:
    if isinstance(method, CompressWeights):
        return nncf.compress_weights(model, **nncf_parameters(method, nncf.compress_weights))
    ports = model.inputs
    dataset = nncf.Dataset(list(samples), lambda sample: bind(ports, sample))
    given = {"subset_size": len(samples)} | nncf_parameters(method, nncf.quantize)
    return nncf.quantize(model, dataset, **given)
