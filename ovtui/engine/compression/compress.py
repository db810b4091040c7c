"""A component made smaller: `nncf.quantize`, `compress_weights`, or with accuracy control."""

from __future__ import annotations

import time
import typing
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nncf
import openvino as ov

from ovtui.core.recipes.compression import (
    CompressWeights,
    Method,
    Quantize,
    QuantizeWithAccuracyControl,
    Unchanged,
)
from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.results.result import COMPRESSED_ALREADY, NOTHING_TO_COMPRESS
from ovtui.core.text.errors import RecipeError, reason
from ovtui.engine.components.state import make_stateful
from ovtui.engine.compression.calibration_doubts import doubts
from ovtui.engine.compression.growth import growth
from ovtui.engine.compression.ignored import check_ignored
from ovtui.engine.compression.kept import keep, still_quantized
from ovtui.engine.compression.leftovers import compress_tables, halve_constants, stored_in_half
from ovtui.engine.compression.nncf_parameters import ignored_scope, nncf_parameters
from ovtui.engine.compression.nncf_patches.accuracy_control import Restoring, Validate
from ovtui.engine.compression.nncf_patches.awq_matches import AwqMatches
from ovtui.engine.compression.nncf_patches.bit_widths import BitWidths
from ovtui.engine.compression.nncf_patches.patch import Work
from ovtui.engine.compression.nncf_patches.registry import applied
from ovtui.engine.compression.survey import NOTHING, survey, why_unchanged
from ovtui.engine.compression.validation import Labelled, Sample, without_reference
from ovtui.engine.compression.weight_bits import check_bits, matrices
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Spool
from ovtui.engine.libraries.hidden import hidden
from ovtui.engine.libraries.rich_progress import rich_progress
from ovtui.engine.models.model_files import save_model
from ovtui.engine.store.cache import link
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Compressed

if TYPE_CHECKING:
    import numpy as np

# All of NNCF's own errors: for a parameter that it does not take it also raises internal ones.
_REFUSALS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(nncf.errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
) + (ValueError,)


@dataclass(frozen=True, slots=True)
class Samples:
    """What a method looks at; nothing where it needs none."""

    calibration: Spool | None = None
    """Inputs of the graph."""
    validation: Labelled | None = None
    """What accuracy control judges by."""
    validate: Validate | None = None
    """From a compiled model and samples to metric and scores."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How the result is stored."""

    fp16: bool
    """What stays in floating point is stored as FP16."""
    baseline: Path | None = None
    """The `.xml` that the uncompressed model is stored in."""
    stateful: bool = False
    """The graph's cache becomes its state."""


def compress(
    source: Path,
    target: Path,
    method: Method,
    samples: Samples,
    storage: Storage,
    journal: Journal,
) -> Compressed:
    """Writes a compressed copy of an FP32 IR; the baseline's own file where nothing changes.

    Args:
        source: `model.xml` with FP32 weights.
        target: the `.xml` to write.
        method: what to do, with its parameters.
        samples: what the method looks at.
        storage: how the result is stored.
        journal: where progress goes.

    Returns:
        What a person needs to know of the file.

    Raises:
        RecipeError: NNCF refuses the parameters.
    """
    model = ov.Core().read_model(source)
    check_ignored(model, getattr(method, "ignored_scope", None))
    method, kept = keep(model, method, stateful=storage.stateful)
    before, weights = survey(model), matrices(model)
    warnings: list[str] = []
    restoring = Restoring(warnings.append, getattr(method, "max_seconds", None))
    bits, awq = BitWidths(), AwqMatches()
    began = time.monotonic()
    # NNCF would put a second quantizer behind each one that is there.
    if not (before.quantizers and method.quantizes):
        with ExitStack() as open_meanwhile:
            if samples.validate is None:
                open_meanwhile.enter_context(hidden("torch"))  # NNCF asks whether the model is its
            open_meanwhile.enter_context(rich_progress(journal))
            work = Work(target.parent, weights_beside(source), restoring, bits, awq)
            open_meanwhile.enter_context(applied(work, method, journal.warn))
            model = _compressed(model, method, samples, restoring)
    seconds = time.monotonic() - began
    if isinstance(method, Quantize) and method.compress_rest is not False:
        scope = method.ignored_scope
        model = compress_tables(model, None if scope is None else ignored_scope(scope))
    after = survey(model)
    if after == before and not restoring.names:
        _write_unchanged(source, target, storage)
        if not method.changes:
            return Compressed(nncf_seconds=seconds)
        return Compressed(
            nncf_seconds=seconds,
            unchanged=NOTHING_TO_COMPRESS if before == NOTHING else COMPRESSED_ALREADY,
            warnings=[*warnings, why_unchanged(before)],
        )
    if before != NOTHING:
        warnings.append(f"a part was compressed already ({before}): only the rest is now")
    shares = {}
    if isinstance(method, CompressWeights):
        left = matrices(model)
        shares = bits.shares(sum(count for name, count in left.items() if name in weights))
        warnings += check_bits(method, shares)
        if awq.layers == 0:
            warnings.append("awq: no layer follows another in a way that it knows: it did nothing")
    baseline = storage.baseline
    if storage.fp16:
        halve_constants(model, stored_in_half(baseline) if baseline else ())
    if storage.stateful:
        model = make_stateful(model)
    save_model(model, target, fp16=storage.fp16)
    warnings += still_quantized(model, kept)
    if baseline and (why := growth(target, baseline)):
        warnings.append(why)
    asked = getattr(method, "subset_size", None)
    return Compressed(
        nncf_seconds=seconds,
        reverted=restoring.names,
        kept=list(kept.attention),
        kept_heads=list(kept.heads),
        kept_decoder=list(kept.decoder),
        weight_bits=shares,
        awq_layers=None if awq.layers is None else (awq.layers, bits.few_bits),
        warnings=warnings,
        doubts=[] if samples.calibration is None else doubts(samples.calibration, asked),
    )


def _write_unchanged(source: Path, target: Path, storage: Storage) -> None:
    """Write the baseline's file: NNCF's own would only say more of how it was made."""
    baseline = storage.baseline
    if baseline is None:
        model = ov.Core().read_model(source)
        save_model(make_stateful(model) if storage.stateful else model, target, fp16=storage.fp16)
        return
    link(baseline, target)
    link(weights_beside(baseline), weights_beside(target))


def _compressed(
    model: ov.Model,
    method: Method,
    samples: Samples,
    restoring: Restoring,
) -> ov.Model:
    """What NNCF makes of a model, its refusals in a person's words.

    Raises:
        RecipeError: it refuses the parameters, or has nothing to judge by.
    """
    try:
        return _apply(model, method, samples, restoring)
    except ZeroDivisionError as error:
        raise RecipeError(
            "accuracy control: the metric of the original model is 0, so there is nothing to "
            "keep; check data.labels, data.preprocessing and metric"
        ) from error
    except _REFUSALS as error:
        if "dataset must not be empty" in str(error):  # the whole one is not, so a body's is
            raise RecipeError(
                "an If of the model has a branch that no calibration sample takes, and NNCF "
                "quantizes each by the samples that take it; add some that do to data.calibration, "
                "or use compress_weights"
            ) from error
        raise RecipeError(f"NNCF refuses these parameters: {reason(error)}") from error


def _apply(
    model: ov.Model,
    method: Method,
    samples: Samples,
    restoring: Restoring,
) -> ov.Model:
    match method:
        case Unchanged():
            return model
        case Quantize():
            dataset = _dataset(model, samples.calibration)
            given = nncf_parameters(method, nncf.quantize)
            return nncf.quantize(model, dataset, **_with_subset(given, samples.calibration))
        case CompressWeights():
            given = nncf_parameters(method, nncf.compress_weights)
            if given.pop("dataset", False):
                given = _with_subset(given, samples.calibration) | {
                    "dataset": _dataset(model, samples.calibration)
                }
            return nncf.compress_weights(model, **given)
        case QuantizeWithAccuracyControl():
            dataset, ports = _dataset(model, samples.calibration), model.inputs
            given = nncf_parameters(method, nncf.quantize_with_accuracy_control)
            judge = typing.cast(Validate, samples.validate)

            def inputs_of(item: Sample) -> list[np.ndarray]:
                restoring.check()
                return bind(ports, without_reference(item))

            return nncf.quantize_with_accuracy_control(
                model,
                dataset,
                nncf.Dataset(samples.validation, inputs_of),
                lambda compiled, items: judge(compiled, restoring.checked(items)),
                **_with_subset(given, samples.calibration),
            )


def _dataset(model: ov.Model, samples: Spool | None) -> nncf.Dataset:
    """The samples as NNCF takes them: read from disk one at a time, each time anew."""
    if samples is None or not len(samples):
        raise RecipeError("this method needs calibration samples, and there are none")
    ports = model.inputs
    return nncf.Dataset(samples, lambda sample: bind(ports, sample))


def _with_subset(given: dict[str, Any], calibration: Spool | None) -> dict[str, Any]:
    return {"subset_size": len(calibration or ())} | given
