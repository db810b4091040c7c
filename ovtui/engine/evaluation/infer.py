"""All samples through a compiled model, with every core busy, as fresh requests would answer."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openvino as ov
from msgspec import structs

from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.recipes.recipe import Property
from ovtui.core.results.variant import SelfCheck
from ovtui.core.text.errors import SourceError
from ovtui.engine.data.inputs import batched_shapes, bind, names_of
from ovtui.engine.data.spool import Arrays, Spool, SpoolWriter
from ovtui.engine.evaluation.alone import Alone
from ovtui.engine.evaluation.like_length import MOST, MULTIPLE, LikeLength
from ovtui.engine.evaluation.requests import Batch, batch_size, batches_of, in_order
from ovtui.engine.models.executed_precision import counting
from ovtui.engine.models.inference import FRESH, ONE_BY_ONE, infer_alone, with_rank
from ovtui.engine.models.openvino_errors import telling_line
from ovtui.engine.models.padding import Padding, infer_padded, is_text, takes_padding
from ovtui.engine.processes.memory import Mapped
from ovtui.engine.store.progress import Step

_BRANCHES = {"If", "Loop"}
"""Operations that decide by one value what is done with all samples of a batch."""


class Inferred(NamedTuple):
    """What is known of a variant once its outputs are written."""

    check: SelfCheck
    compiled: ov.CompiledModel
    """The written file, compiled for one sample at a time with every core; None where it is not."""


def infer(
    model: Written,
    samples: Spool,
    folder: Path,
    new_step: Callable[[], Step],
    *,
    shared: Collection[str] = (),
    evaluated: Sequence[int] | None = None,
) -> Inferred:
    """Writes the model's outputs for every sample as the spool `outputs` into the folder.

    Ways to infer are tried from the quickest to the plainest, until one gives what fresh requests
    of the written file give for single samples. Fewer samples than cores would leave streams
    without work: they are taken one at a time.

    Args:
        model: the file.
        samples: inputs with a batch axis of one.
        folder: where the spool goes.
        new_step: begins to count the samples that are done, for each way anew.
        shared: inputs that all samples have in common: a batch is given the first sample's.
        evaluated: indices of the outputs to write; all when None.

    Raises:
        SourceError: the device cannot run the model.
    """
    singly = len(samples) <= (os.cpu_count() or 1)
    size = 1 if singly or model.branches or model.bucket else batch_size(samples, shared)
    batched = model.batched(samples[0], size, shared) if size > 1 else None
    served = model.compiled("LATENCY" if singly or batched else "THROUGHPUT")
    kept = range(len(served.outputs)) if evaluated is None else evaluated
    alone = Alone(served, model.model, samples, kept, model.padding)
    check = SelfCheck(
        way="",
        checked=len(alone.positions),
        equal=False,
        outputs=[_name(port, index) for index, port in enumerate(served.outputs)],
    )
    texts = model.texts_of_any_length(samples) and not singly
    if texts or model.bucket:
        ways = _text_ways(model, served, MOST if texts else 1, kept, alone.exact)
    else:
        ways = _ways(model, served, batched, size, shared, kept)
    for way in ways:
        tried = model.shaped(way.outputs(alone.samples)) if way.mixes else None
        differ = 0.0 if tried is None else alone.difference(list(tried))
        if differ <= alone.tolerance:
            outputs = model.shaped(way.outputs(samples))
            _write(outputs, folder, new_step())
            differ = alone.difference_of_written(Spool(folder, "outputs"))
        check = structs.replace(
            check,
            way=way.name,
            difference=differ if math.isfinite(differ) else None,
            equal=differ <= alone.tolerance,
            refused=[*check.refused, check.way] if check.way else [],
        )
        if check.equal:
            break
    return Inferred(check, served if singly or batched else None)


class _Way(NamedTuple):
    """A way to infer samples, in order."""

    name: str
    outputs: Callable[[Iterable[Arrays]], Iterator[dict[str, np.ndarray]]]
    """Each sample's outputs, by their indices."""
    mixes: bool = False
    """Several samples are inferred together, which a few are tried with before all are."""


def _ways(
    written: Written,
    served: ov.CompiledModel,
    batched: ov.CompiledModel,
    size: int,
    shared: Collection[str],
    kept: Sequence[int],
) -> Iterator[_Way]:
    """From the quickest to the plainest; what a later one needs is compiled when it is asked for.

    Args:
        written: the file.
        served: the file compiled as it is.
        batched: the same for `size` samples at once; None where they are not to be mixed.
        size: of a batch.
        shared: inputs that all samples have in common.
        kept: indices of the outputs that are evaluated.
    """
    weights = Mapped(written.weights)
    if batched is not None:
        once = written.given_once(shared)

        def together(samples: Iterable[Arrays]) -> Iterator[dict[str, np.ndarray]]:
            batches = batches_of(written.ports, samples, size, once)
            return in_order(batched, batches, kept, weights)

        yield _Way(f"batches of {size}", together, mixes=True)
        reused = written.compiled("THROUGHPUT")
    else:
        reused = served

    def one_by_one(samples: Iterable[Arrays]) -> Iterator[dict[str, np.ndarray]]:
        return in_order(reused, batches_of(written.ports, samples, 1, ()), kept, weights)

    yield _Way(ONE_BY_ONE, one_by_one)
    yield _Way(FRESH, lambda samples: afresh(written, served, samples, kept))


def _text_ways(
    written: Written, served: ov.CompiledModel, most: int, kept: Sequence[int], exact: bool
) -> Iterator[_Way]:
    """The same for texts that may be padded, and are where the variant asks for it.

    Padding changes sums in their last digits. In few bits that moves values by a step, and steps
    add up (INT8 of BERT-base: 2 % of the largest output): there only equal lengths are together.

    Args:
        written: the file, which has a padding.
        served: the file compiled as it is.
        most: texts in a batch.
        kept: indices of the outputs that are evaluated.
        exact: all is calculated in f32.
    """
    weights, padding = Mapped(written.weights), written.padding
    assert padding is not None

    def infer_batches(batches: Iterable[Batch]) -> Iterator[dict[str, np.ndarray]]:
        return in_order(served, batches, kept, weights)

    texts = LikeLength(written.model, padding, kept, infer_batches)
    own = padding.bucket or 1
    if most > 1:
        multiple = own if padding.bucket or not exact else MULTIPLE
        name = f"batches of {most} of {'equal' if multiple == own else 'like'} length"
        yield _Way(name, lambda samples: texts.outputs(samples, most, multiple), mixes=True)
    yield _Way(ONE_BY_ONE, lambda samples: texts.outputs(samples, 1, own))
    yield _Way(FRESH, lambda samples: afresh(written, served, samples, kept))


def _write(outputs: Iterable[dict[str, np.ndarray]], folder: Path, step: Step) -> None:
    with SpoolWriter(folder, "outputs") as writer:
        for sample in outputs:
            writer.append(sample)
            step.advance()
    step.finish()


def one_at_a_time(core: ov.Core, device: str) -> Mapping[str, Property]:
    """Returns properties for one sample at a time with every core, the time of each operation
    counted.
    """
    return {"PERFORMANCE_HINT": "LATENCY", **counting(core, device)}


class Written:
    """A model's file, and what it is compiled to.

    Args:
        path: IR or ONNX file.
        device: OpenVINO device.
        properties: what the variant is executed with.
        padding: how its texts are padded; None of a task without texts.
    """

    def __init__(
        self,
        path: Path,
        device: str,
        properties: Mapping[str, Property],
        padding: Padding | None = None,
    ) -> None:
        self._core = ov.Core()
        self.padding = padding
        self._path, self._device, self._properties = path, device, properties
        self.model = self._core.read_model(path)
        """Kept: while it is, its weights are mapped where `Mapped` has found them."""
        self.ports = self.model.inputs
        self.weights = weights_beside(path)
        self.branches = any(op.get_type_name() in _BRANCHES for op in self.model.get_ops())

    @property
    def bucket(self) -> int | None:
        """The multiple of tokens that its texts are padded to; None where they are not."""
        return self.padding.bucket if self.padding else None

    def texts_of_any_length(self, samples: Spool) -> bool:
        """Returns whether the samples are texts of several lengths that may be padded together."""
        if self.padding is None or self.branches or not takes_padding(self.ports):
            return False
        return not samples.uniform and is_text(samples[0]) and not self.model.get_sinks()

    def compiled(self, hint: str) -> ov.CompiledModel:
        """Compiles the file as it is.

        Args:
            hint: `LATENCY` or `THROUGHPUT`.

        Raises:
            SourceError: the device does not take the model.
        """
        fixed: Mapping[str, Property] = {"PERFORMANCE_HINT": hint}
        if hint == "LATENCY":
            fixed = one_at_a_time(self._core, self._device)
        try:
            return self._compile(self.model, fixed)
        except RuntimeError as error:
            raise SourceError(
                f"{self._device}: cannot compile {self._path.name}: {telling_line(error)}"
            ) from error

    def batched(self, sample: Arrays, size: int, shared: Collection[str]) -> ov.CompiledModel:
        """Compiles it for so many samples at once; None where graph or device do not allow it."""
        model = self._reshaped = self._core.read_model(self._path)  # kept as `model` is
        once = self.given_once(shared)
        rows = [it for at, it in enumerate(bind(model.inputs, sample)) if at not in once]
        if any(row.shape[:1] != (1,) for row in rows):
            return None  # a row is a batch by itself, or has no axis for one
        try:
            model.reshape(batched_shapes(model.inputs, sample, size, shared))
            compiled = self._compile(model, {"PERFORMANCE_HINT": "THROUGHPUT"})
        except RuntimeError:
            return None
        return None if compiled.create_infer_request().query_state() else compiled

    def shaped(
        self, outputs: Iterable[Mapping[str, np.ndarray]]
    ) -> Iterator[dict[str, np.ndarray]]:
        """Yields samples' outputs, with as many axes as the file gives them."""
        ports = self.model.outputs
        for sample in outputs:
            yield {name: with_rank(array, ports[int(name)]) for name, array in sample.items()}

    def given_once(self, shared: Collection[str]) -> list[int]:
        """Returns indices of the inputs that a batch is given once."""
        return [index for index, port in enumerate(self.ports) if names_of(port) & set(shared)]

    def _compile(self, model: ov.Model, fixed: Mapping[str, Property]) -> ov.CompiledModel:
        return self._core.compile_model(model, self._device, {**fixed, **self._properties})


def afresh(
    written: Written, compiled: ov.CompiledModel, samples: Iterable[Arrays], kept: Sequence[int]
) -> Iterator[dict[str, np.ndarray]]:
    """Yields each sample's outputs, by their indices, from a request of its own.

    Args:
        written: the file.
        compiled: the same, for one sample at a time.
        samples: inputs with a batch axis of one.
        kept: indices of the outputs.
    """
    ports, infer = written.model.outputs, partial(infer_alone, compiled)
    for sample in samples:
        outputs = infer_padded(infer, sample, ports, written.padding)
        yield {str(index): outputs[index] for index in kept}


def _name(port: ov.Output, index: int) -> str:
    """What the model calls an output, or its number."""
    return next(iter(sorted(names_of(port))), str(index))
