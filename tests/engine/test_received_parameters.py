"""What NNCF receives of each key that a recipe may say, and of nearly all of them together."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import nncf
import numpy as np
import pytest
from nncf.common.quantization.structs import QuantizationScheme
from nncf.parameters import DropType, SensitivityMetric
from nncf.quantization import advanced_parameters as advanced
from nncf.quantization import range_estimator as ranges

from ovtui.core.recipes import compression as methods
from ovtui.core.recipes import method_parameters
from ovtui.engine.compression.validation import Labelled
from tests.support.compressed import SAMPLES, Tiny, compressed, tiny_in, write_labels
from tests.support.nncf_classes import CLASSES, FUNCTIONS, HANDED_OVER

REQUIRED = {"quantize_with_accuracy_control": {"max_drop": 0.125}}
BESIDE = {*HANDED_OVER, "dataset"}
"""What is looked at on its own: samples are no value of a recipe."""
PATH = "a/path"
OF_TYPE: dict[Any, list[Any]] = {
    bool: [True, False],
    int: [5],
    float: [0.375],
    str: [PATH],
    list[float]: [[-0.5, 0.0, 0.5]],
    dict[str, Any]: [{"a key": 1}],
}
"""What is said for a parameter of a type: no default of NNCF but for the booleans."""
OF_KEY: dict[str, list[Any]] = {
    "names": [["linear"]],
    "patterns": [["conv.*"]],
    "types": [["Relu"]],
    "subgraphs": [[{"inputs": ["conv0"], "outputs": ["relu1"]}]],
    "value_type": ["f8e4m3", "f8e5m2"],
}


def _keys(structure: type[msgspec.Struct]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yields each key below a structure with each value that it is tried with."""
    hints = typing.get_type_hints(structure)
    for name in structure.__struct_fields__:
        hint = hints[name]
        kind = next((part for part in _parts(hint) if part is not type(None)), hint)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from (((name, *rest), value) for rest, value in _keys(kind))
        elif typing.get_origin(kind) is typing.Literal:
            yield from (((name,), word) for word in typing.get_args(kind))
        else:
            yield from (((name,), value) for value in OF_KEY.get(name) or OF_TYPE[kind])


def _parts(hint: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if is_union else (hint,)


CASES = [
    pytest.param(structure, key, value, id=f"{FUNCTIONS[structure]}-{'.'.join(key)}-{value}")
    for structure in FUNCTIONS
    for key, value in _keys(structure)
    if key[0] not in {*BESIDE, *methods.OURS}
]


@pytest.fixture
def tiny_model(tiny_files: Path, tmp_path: Path) -> Tiny:
    write_labels(tmp_path)
    return tiny_in(tmp_path, tiny_files / "model.xml")


def _received(
    tiny: Tiny, function: str, table: dict[str, Any], *, called: bool = False
) -> dict[str, Any]:
    """Returns the arguments that a function of NNCF is called with for a recipe's table.

    Args:
        tiny: model and samples.
        function: of NNCF, which is also the method's name.
        table: what the recipe says of it.
        called: the function does its work; else it returns the model as it is.
    """
    received: list[inspect.BoundArguments] = []
    own = getattr(nncf, function)

    @functools.wraps(own)
    def spy(*args: Any, **given: Any) -> Any:
        received.append(inspect.signature(own).bind(*args, **given))
        return own(*args, **given) if called else args[0]

    def validate(model: Any, items: Any) -> tuple[float, list[float]]:
        scores = [float(model(item.calls[0])[0].max()) for item in items]
        return float(np.mean(scores)), scores

    judged = function == "quantize_with_accuracy_control"
    extra = {"validation": Labelled(tiny.folder), "validate": validate} if judged else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nncf, function, spy)
        compressed(tiny, {"method": function, **REQUIRED.get(function, {}), **table}, **extra)
    (arguments,) = received
    arguments.apply_defaults()
    return dict(arguments.arguments)


def _set_in(arguments: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """Returns what is set in arguments, by its path, but what samples and model are given by."""
    found: dict[tuple[str, ...], Any] = {}
    for name in arguments.keys() - BESIDE:
        found |= _leaves(arguments[name], (name,))
    return found


def _leaves(value: Any, key: tuple[str, ...]) -> dict[tuple[str, ...], Any]:
    """Returns what is set below a key, by its path; None is not set."""
    if is_dataclass(value) and not isinstance(value, nncf.Subgraph):
        below = [_leaves(getattr(value, it.name), (*key, it.name)) for it in fields(value)]
        return {path: leaf for leaves in below for path, leaf in leaves.items()}
    return {} if value is None else {key: value}


def _plain(leaf: Any, said: Any) -> Any:
    """Returns what NNCF received as a recipe would say it."""
    if isinstance(leaf, Enum):
        return leaf.name if leaf.name == said else leaf.value
    if isinstance(leaf, np.ndarray):
        return leaf.tolist()
    if isinstance(leaf, list) and leaf and isinstance(leaf[0], nncf.Subgraph):
        return [{"inputs": part.inputs, "outputs": part.outputs} for part in leaf]
    return leaf


def _defaults(structure: Any, key: tuple[str, ...]) -> dict[tuple[str, ...], Any]:
    """Returns what NNCF has where nothing is said, in the arguments and in the classes of a key."""
    function = FUNCTIONS[structure]
    signature = inspect.signature(getattr(nncf, function)).parameters
    arguments = {name: it.default for name, it in signature.items()} | REQUIRED.get(function, {})
    if function != "compress_weights":
        arguments["subset_size"] = SAMPLES  # all that there are, fewer than NNCF's 300
    found = _set_in(arguments)
    for depth in range(1, len(key)):
        hint = typing.get_type_hints(structure)[key[depth - 1]]
        structure = next(part for part in _parts(hint) if part in CLASSES)
        of_fp8 = structure is method_parameters.Quantizer and key[depth] == "destination_type"
        wanted = advanced.FP8QuantizationParameters if of_fp8 else CLASSES[structure]
        found |= _leaves(wanted(), key[:depth])
    return found


@pytest.mark.parametrize(("structure", "key", "said"), CASES)
def test_each_key_of_a_recipe_arrives_and_nothing_else(
    tiny_model: Tiny, structure: Any, key: tuple[str, ...], said: Any
) -> None:
    table = functools.reduce(lambda inner, name: {name: inner}, reversed(key), said)
    received = _set_in(_received(tiny_model, FUNCTIONS[structure], table))
    assert key in received, f"{'.'.join(key)} does not arrive"
    assert _plain(received[key], said) == said
    if isinstance(said, str) and said != PATH:
        assert isinstance(received[key], Enum)
    assert received | {key: said} == _defaults(structure, key) | {key: said}


@pytest.mark.parametrize(
    ("function", "table"),
    [
        ("quantize", {"compress_rest": True}),
        ("quantize", {"compress_rest": False}),
        ("quantize", {"keep_attention": False}),
        ("quantize", {"keep_heads": False}),
        ("quantize", {"keep_decoder": False}),
        ("quantize_with_accuracy_control", {"keep_attention": False}),
        ("quantize_with_accuracy_control", {"keep_heads": False}),
        ("quantize_with_accuracy_control", {"keep_decoder": False}),
        ("quantize_with_accuracy_control", {"max_seconds": 60.0}),
    ],
)
def test_parameters_of_ours_change_nothing_that_nncf_receives(
    tiny_model: Tiny, function: str, table: dict[str, Any]
) -> None:
    with_ours, without = (_received(tiny_model, function, it) for it in (table, {}))
    assert _set_in(with_ours) == _set_in(without)


@pytest.mark.parametrize("said", [True, False, None])
def test_calibration_samples_arrive_where_weights_are_compressed_by_them(
    tiny_model: Tiny, said: bool | None
) -> None:
    table = {} if said is None else {"dataset": said}
    arguments = _received(tiny_model, "compress_weights", {"mode": "int4_sym"} | table)
    if said:
        assert isinstance(arguments["dataset"], nncf.Dataset)
        assert arguments["subset_size"] == SAMPLES
        assert len(list(arguments["dataset"].get_inference_data())) == SAMPLES
    else:
        assert arguments["dataset"] is None


RANGES = ranges.RangeEstimatorParameters(
    min=ranges.StatisticsCollectorParameters(
        statistics_type=ranges.StatisticsType.QUANTILE, quantile_outlier_prob=0.01
    ),
    max=ranges.StatisticsCollectorParameters(
        statistics_type=ranges.StatisticsType.MAX, aggregator_type=ranges.AggregatorType.MEDIAN
    ),
)
SCOPE = {
    "names": ["linear"],
    "patterns": ["mea.*"],
    "types": ["Relu"],
    "subgraphs": [{"inputs": ["conv1"], "outputs": ["relu1"]}],
    "validate": False,
}
NNCF_SCOPE = nncf.IgnoredScope(
    names=["linear"],
    patterns=["mea.*"],
    types=["Relu"],
    subgraphs=[nncf.Subgraph(inputs=["conv1"], outputs=["relu1"])],
    validate=False,
)
ADVANCED = {
    "overflow_fix": "disable",
    "quantize_outputs": True,
    "inplace_statistics": False,
    "disable_channel_alignment": False,
    "disable_bias_correction": False,
    "batchwise_statistics": False,
    "activations_quantization_params": {"num_bits": 8, "mode": "asymmetric"},
    "weights_quantization_params": {"per_channel": False, "narrow_range": True},
    "quantizer_propagation_rule": "MERGE_WITH_POTENTIAL_REQUANTIZATION",
    "activations_range_estimator_params": {
        "min": {"statistics_type": "quantile", "quantile_outlier_prob": 0.01},
        "max": {"statistics_type": "max", "aggregator_type": "median"},
    },
    "bias_correction_params": {"threshold": 10.0},
    "smooth_quant_alphas": {"convolution": 0.25, "matmul": 0.5},
    "backend_params": {"a key": 1},
}
NNCF_ADVANCED = advanced.AdvancedQuantizationParameters(
    overflow_fix=advanced.OverflowFix.DISABLE,
    quantize_outputs=True,
    inplace_statistics=False,
    disable_channel_alignment=False,
    disable_bias_correction=False,
    batchwise_statistics=False,
    activations_quantization_params=advanced.QuantizationParameters(
        num_bits=8, mode=QuantizationScheme.ASYMMETRIC
    ),
    weights_quantization_params=advanced.QuantizationParameters(
        per_channel=False, narrow_range=True
    ),
    quantizer_propagation_rule=(
        advanced.QuantizerPropagationRule.MERGE_WITH_POTENTIAL_REQUANTIZATION
    ),
    activations_range_estimator_params=RANGES,
    bias_correction_params=advanced.AdvancedBiasCorrectionParameters(threshold=10.0),
    smooth_quant_alphas=advanced.AdvancedSmoothQuantParameters(convolution=0.25, matmul=0.5),
    backend_params={"a key": 1},
)
TOGETHER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "quantize": (
        {
            "preset": "mixed",
            "target_device": "CPU",
            "subset_size": 4,
            "fast_bias_correction": False,
            "model_type": "transformer",
            "ignored_scope": SCOPE,
            "advanced_parameters": ADVANCED,
        },
        {
            "mode": None,
            "preset": nncf.QuantizationPreset.MIXED,
            "target_device": nncf.TargetDevice.CPU,
            "subset_size": 4,
            "fast_bias_correction": False,
            "model_type": nncf.ModelType.TRANSFORMER,
            "ignored_scope": NNCF_SCOPE,
            "advanced_parameters": NNCF_ADVANCED,
        },
    ),
    "compress_weights": (
        {
            "mode": "int4_asym",
            "group_size": 4,
            "ratio": 0.5,
            "all_layers": True,
            "dataset": True,
            "scale_estimation": True,
            "subset_size": 4,
            "sensitivity_metric": "mean_activation_magnitude",
            "backup_mode": "int8_sym",
            "ignored_scope": {"names": ["conv0"]},
            "advanced_parameters": {
                "group_size_fallback_mode": "ignore",
                "scale_estimation_params": {"subset_size": 2, "initial_steps": 3},
            },
        },
        {
            "mode": nncf.CompressWeightsMode.INT4_ASYM,
            "group_size": 4,
            "ratio": 0.5,
            "all_layers": True,
            "awq": None,
            "scale_estimation": True,
            "gptq": None,
            "lora_correction": None,
            "subset_size": 4,
            "sensitivity_metric": SensitivityMetric.MEAN_ACTIVATION_MAGNITUDE,
            "backup_mode": nncf.BackupMode.INT8_SYM,
            "compression_format": nncf.CompressionFormat.DQ,
            "ignored_scope": nncf.IgnoredScope(names=["conv0"]),
            "advanced_parameters": advanced.AdvancedCompressionParameters(
                group_size_fallback_mode=advanced.GroupSizeFallbackMode.IGNORE,
                scale_estimation_params=advanced.AdvancedScaleEstimationParameters(
                    subset_size=2, initial_steps=3
                ),
            ),
        },
    ),
    "quantize_with_accuracy_control": (
        {
            "max_drop": 0.5,
            "drop_type": "relative",
            "preset": "mixed",
            "target_device": "CPU",
            "subset_size": 4,
            "fast_bias_correction": False,
            "ignored_scope": SCOPE,
            "advanced_quantization_parameters": ADVANCED,
            "advanced_accuracy_restorer_parameters": {
                "max_num_iterations": 2,
                "ranking_subset_size": 3,
                "restore_mode": "only_activations",
            },
        },
        {
            "max_drop": 0.5,
            "drop_type": DropType.RELATIVE,
            "preset": nncf.QuantizationPreset.MIXED,
            "target_device": nncf.TargetDevice.CPU,
            "subset_size": 4,
            "fast_bias_correction": False,
            "model_type": None,
            "ignored_scope": NNCF_SCOPE,
            "advanced_quantization_parameters": NNCF_ADVANCED,
            "advanced_accuracy_restorer_parameters": advanced.AdvancedAccuracyRestorerParameters(
                max_num_iterations=2,
                ranking_subset_size=3,
                restore_mode=advanced.RestoreMode.ONLY_ACTIVATIONS,
            ),
        },
    ),
}


@pytest.mark.parametrize("function", TOGETHER)
def test_nncf_works_with_nearly_every_parameter(tiny_model: Tiny, function: str) -> None:
    said, expected = TOGETHER[function]
    received = _received(tiny_model, function, said, called=True)
    assert {name: it for name, it in received.items() if name not in BESIDE} == expected
