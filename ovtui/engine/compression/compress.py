"""A component made smaller: `nncf.quantize`, `compress_weights`, or with accuracy control."""

from __future__ import annotations

import enum
import time
import typing
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec
import nncf
import openvino as ov
from nncf.quantization import advanced_parameters as advanced
from nncf.quantization import range_estimator

from ovtui.core.compression import (
    OURS,
    CompressWeights,
    IgnoredScope,
    Method,
    Quantize,
    Quantizer,
    QuantizeWithAccuracyControl,
    Unchanged,
)
from ovtui.core.errors import RecipeError
from ovtui.engine.components.state import make_stateful
from ovtui.engine.compression.accuracy_control import Restoring, Validate
from ovtui.engine.compression.bias_shift import shifts_evaluated
from ovtui.engine.compression.ignored import check_ignored
from ovtui.engine.compression.leftovers import compress_tables, halve_constants
from ovtui.engine.compression.one_pass import one_pass
from ovtui.engine.compression.pattern_matching import types_first
from ovtui.engine.compression.streaming_statistics import streaming_means
from ovtui.engine.compression.validation import Labelled, without_reference
from ovtui.engine.compression.weight_bits import WeightBits, told
from ovtui.engine.compression.weight_extremes import found_by_numpy
from ovtui.engine.data.inputs import bind
from ovtui.engine.data.spool import Spool
from ovtui.engine.model_files import save_model
from ovtui.engine.processes.hidden import hidden
from ovtui.engine.processes.memory import letting_go
from ovtui.engine.progress import Journal, rich_progress
from ovtui.engine.specification import Compressed

# All of NNCF's own errors: for a parameter that it does not take it also raises internal ones.
_REFUSALS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(nncf.errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
) + (ValueError,)
_NOTABLE = 0.005
"""Of the weights: biases and the like are beside the point."""


def compress(
    source: Path,
    target: Path,
    method: Method,
    calibration: Spool | None,
    journal: Journal,
    *,
    fp16: bool,
    validation: Labelled | None = None,
    validate: Validate | None = None,
    stateful: bool = False,
) -> Compressed:
    """Write a compressed copy of an FP32 IR.

    Args:
        source: `model.xml` with FP32 weights.
        target: the `.xml` to write.
        method: what to do, with its parameters.
        calibration: samples; None where the method needs none.
        journal: where progress goes.
        fp16: store what stays in floating point as FP16.
        validation: samples that accuracy control judges by.
        validate: from a compiled model and samples to metric and scores.
        stateful: the graph's cache becomes its state.

    Raises:
        RecipeError: NNCF refuses the parameters.
    """
    model = ov.Core().read_model(source)
    check_ignored(model, getattr(method, "ignored_scope", None))
    restoring = Restoring(journal, getattr(method, "max_seconds", None))
    bits = WeightBits()
    began = time.monotonic()
    with ExitStack() as open_meanwhile:
        if validate is None:
            open_meanwhile.enter_context(hidden("torch"))  # NNCF asks whether the model is its
        for context in (
            rich_progress(journal),
            streaming_means(),
            found_by_numpy(),
            types_first(),
            one_pass(target.parent),
            shifts_evaluated(),
            letting_go(source.with_suffix(".bin")),
            restoring,
            bits,
        ):
            open_meanwhile.enter_context(context)
        try:
            model = _apply(model, method, calibration, validation, validate, restoring)
        except ZeroDivisionError as error:
            raise RecipeError(
                "accuracy control: the metric of the original model is 0, so there is nothing to "
                "keep; check data.labels, data.preprocessing and metric"
            ) from error
        except _REFUSALS as error:
            raise RecipeError(
                f"NNCF refuses these parameters: {' '.join(str(error).split())[:400]}"
            ) from error
    seconds = time.monotonic() - began
    shares = bits.shares if isinstance(method, CompressWeights) else {}
    _tell_bits(method, shares, journal)
    if isinstance(method, Quantize) and method.compress_rest is not False:
        scope = method.ignored_scope
        model = compress_tables(model, None if scope is None else ignored_scope(scope))
    if fp16 and not isinstance(method, Unchanged):
        halve_constants(model)
    if stateful:
        model = make_stateful(model)
    save_model(model, target, fp16=fp16)
    return Compressed(nncf_seconds=seconds, reverted=restoring.names, weight_bits=shares)


def _tell_bits(method: Method, shares: dict[str, float], journal: Journal) -> None:
    """Warn where other bits than those asked for hold a part of the weights."""
    if not isinstance(method, CompressWeights) or not shares:
        return
    mode = method.mode or "int8_asym"
    asked = [name for name in ("awq", "scale_estimation", "gptq") if getattr(method, name)]
    fallback = method.advanced_parameters and method.advanced_parameters.group_size_fallback_mode
    if asked and not (fallback or method.all_layers or shares.get(mode)):
        raise RecipeError(
            f"{', '.join(asked)}: no linear layer is large enough for {mode} (of the weights, "
            f"{told(shares)}); leave it out, or set all_layers = true or a smaller group_size"
        )
    if shares.get(mode, 0.0) < 1.0 - _NOTABLE:
        advice = "" if method.all_layers or "int8" in mode else "; all_layers = true is stricter"
        journal.warn(f"of the weights, {told(shares)} where {mode} was asked for{advice}")


def _apply(
    model: Any,
    method: Method,
    calibration: Spool | None,
    validation: Labelled | None,
    validate: Validate | None,
    restoring: Restoring,
) -> Any:
    match method:
        case Unchanged():
            return model
        case Quantize():
            dataset = _dataset(model, calibration)
            given = _given(method, nncf.quantize)
            return nncf.quantize(model, dataset, **_with_subset(given, calibration))
        case CompressWeights():
            given = _given(method, nncf.compress_weights)
            if given.pop("dataset", False):
                given = _with_subset(given, calibration) | {"dataset": _dataset(model, calibration)}
            return nncf.compress_weights(model, **given)
        case QuantizeWithAccuracyControl():
            dataset, ports = _dataset(model, calibration), model.inputs
            given = _given(method, nncf.quantize_with_accuracy_control)
            judge = typing.cast(Validate, validate)

            def inputs_of(item: Any) -> Any:
                restoring.check()
                return bind(ports, without_reference(item))

            return nncf.quantize_with_accuracy_control(
                model,
                dataset,
                nncf.Dataset(validation, inputs_of),
                lambda compiled, items: judge(compiled, restoring.checked(items)),
                **_with_subset(given, calibration),
            )


def _dataset(model: Any, samples: Spool | None) -> Any:
    """The samples as NNCF takes them: read from disk one at a time, each time anew."""
    if samples is None or not len(samples):
        raise RecipeError("this method needs calibration samples, and there are none")
    ports = model.inputs
    return nncf.Dataset(samples, lambda sample: bind(ports, sample))


def _with_subset(given: dict[str, Any], calibration: Spool | None) -> dict[str, Any]:
    return {"subset_size": len(calibration or ())} | given


def _given(method: Method, function: Callable[..., Any]) -> dict[str, Any]:
    """The parameters that the recipe sets, as the function's own types."""
    hints = typing.get_type_hints(function)
    given = {}
    for name in method.__struct_fields__:
        value = getattr(method, name)
        if value is not None and name not in OURS:
            given[name] = to_nncf(value, hints.get(name, Any))
    return given


def to_nncf(value: Any, hint: Any) -> Any:
    """A recipe's value as the NNCF type that a parameter is annotated with."""
    kinds = [hint, *typing.get_args(hint)]
    if isinstance(value, Quantizer):
        return _quantizer(value)
    if isinstance(value, msgspec.Struct):
        wanted = next(kind for kind in kinds if is_dataclass(kind))
        inner = typing.get_type_hints(wanted, vars(advanced) | vars(range_estimator))
        set_fields = {
            name: to_nncf(getattr(value, name), inner[name])
            for name in value.__struct_fields__
            if getattr(value, name) is not None
        }
        return typing.cast(Any, wanted)(**set_fields)
    if isinstance(value, str):
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, enum.Enum):
                return _enumerated(kind, value)
    if isinstance(value, list) and value and isinstance(value[0], msgspec.Struct):
        return [to_nncf(item, nncf.Subgraph) for item in value]
    return value


def _enumerated(kind: Any, value: str) -> Any:
    return kind[value] if value in kind.__members__ else kind(value)


def _quantizer(value: Quantizer) -> Any:
    wanted: Any = (
        advanced.FP8QuantizationParameters
        if value.destination_type is not None
        else advanced.QuantizationParameters
    )
    hints = typing.get_type_hints(wanted, vars(advanced))
    known = {field.name for field in fields(wanted)}
    given = {
        name: getattr(value, name)
        for name in value.__struct_fields__
        if getattr(value, name) is not None
    }
    if unknown := sorted(set(given) - known):
        raise RecipeError(f"destination_type selects FP8, which has no {', '.join(unknown)}")
    return wanted(**{name: to_nncf(item, hints[name]) for name, item in given.items()})


def ignored_scope(scope: IgnoredScope) -> Any:
    """The recipe's ignored scope as NNCF's."""
    return to_nncf(scope, nncf.IgnoredScope)
