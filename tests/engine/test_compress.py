"""Compression on a tiny IR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest

from ovtui.core.recipes import method_parameters
from ovtui.core.text.errors import RecipeError
from ovtui.engine.compression.ignored import rules
from ovtui.engine.compression.nncf_patches import accuracy_control
from ovtui.engine.compression.validation import Labelled
from tests.support.compressed import Tiny, compressed, tiny_in, write_labels


@pytest.fixture
def tiny_model(tiny_files: Path, tmp_path: Path) -> Tiny:
    return tiny_in(tmp_path, tiny_files / "model.xml")


def _count(model: Any, kind: str) -> int:
    return sum(op.get_type_name() == kind for op in model.get_ops())


def test_none_changes_nothing(tiny_model: Tiny) -> None:
    model, _ = compressed(tiny_model, {"method": "none"})
    assert _count(model, "FakeQuantize") == 0


@pytest.mark.parametrize(
    ("table", "stored"),
    [
        ({"mode": "int8_asym"}, "u8"),
        ({"mode": "int8_sym"}, "i8"),
        ({"mode": "int4_sym", "group_size": -1, "all_layers": True}, "i4"),
        ({"mode": "int4_asym", "group_size": 4, "all_layers": True, "ratio": 1.0}, "u4"),
        (
            {
                "mode": "codebook",
                "group_size": -1,
                "all_layers": True,
                "advanced_parameters": {"codebook": [-1.0, -0.5, 0.0, 0.5, 1.0]},
            },
            "u4",
        ),
        (
            {
                "mode": "int4_sym",
                "group_size": 4,
                "all_layers": True,
                "dataset": True,
                "scale_estimation": True,
                "subset_size": 4,
                "sensitivity_metric": "mean_activation_magnitude",
                "ratio": 0.8,
                "backup_mode": "int8_sym",
                "advanced_parameters": {"scale_estimation_params": {"subset_size": 2}},
            },
            "i8",
        ),
    ],
)
def test_compress_weights(tiny_model: Tiny, table: dict[str, Any], stored: str) -> None:
    model, _ = compressed(tiny_model, {"method": "compress_weights", **table})
    types = {
        op.get_element_type().get_type_name()
        for op in model.get_ops()
        if op.get_type_name() == "Constant"
    }
    assert stored in types


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"method": "quantize", "ignored_scope": {"names": ["nosuch"]}}, "nosuch"),
        ({"method": "quantize", "ignored_scope": {"types": ["Convolutoin"]}}, "Convolutoin"),
        ({"method": "quantize", "subset_size": 0}, "Subset size"),
        (
            {
                "method": "quantize",
                "advanced_parameters": {
                    "weights_quantization_params": {
                        "destination_type": "f8e4m3",
                        "num_bits": 8,
                    }
                },
            },
            "num_bits",
        ),
        ({"method": "compress_weights", "mode": "int8_sym", "ratio": 0.5}, "ratio"),
        (
            {"method": "compress_weights", "mode": "int4_sym", "group_size": 3, "all_layers": True},
            "group size",
        ),
        ({"method": "compress_weights", "mode": "int4_sym", "gptq": True}, "dataset"),
    ],
)
def test_refused_parameters_are_one_line(
    tiny_model: Tiny, table: dict[str, Any], expected: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        compressed(tiny_model, table)
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message


def test_accuracy_control_lists_what_it_reverts(tiny_model: Tiny) -> None:
    write_labels(tiny_model.folder)
    _, report = compressed(
        tiny_model,
        {"method": "quantize_with_accuracy_control", "max_drop": 1e-7},
        validation=Labelled(tiny_model.folder),
        validate=_nearness(tiny_model, best=1.0),
    )
    assert {"conv0", "conv1", "linear"} <= set(report.reverted)
    assert "every quantized operation" in report.warnings[0]


def _nearness(tiny: Tiny, best: float) -> Any:
    """A metric that only the original itself has the best value of."""
    whole = ov.Core().compile_model(tiny.model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    wanted = [whole(dict(sample))[0] for sample in tiny.samples]

    def validate(model: Any, items: Any) -> tuple[float, list[float]]:
        scores = []
        for number, item in enumerate(items):
            (inputs,) = item.calls
            scores.append(best - float(np.abs(model(inputs)[0] - wanted[number]).max()))
        return float(np.mean(scores)), scores

    return validate


def test_accuracy_control_of_a_model_that_is_never_right(tiny_model: Tiny) -> None:
    write_labels(tiny_model.folder)
    with pytest.raises(RecipeError, match="metric of the original model is 0"):
        compressed(
            tiny_model,
            {"method": "quantize_with_accuracy_control", "max_drop": 0.01},
            validation=Labelled(tiny_model.folder),
            validate=_nearness(tiny_model, best=0.0),
        )


def test_accuracy_control_out_of_time_keeps_the_best(tiny_model: Tiny) -> None:
    write_labels(tiny_model.folder)
    model, report = compressed(
        tiny_model,
        {"method": "quantize_with_accuracy_control", "max_drop": 1e-7, "max_seconds": 1e-3},
        validation=Labelled(tiny_model.folder),
        validate=_nearness(tiny_model, best=1.0),
    )
    assert report.reverted == []  # nothing was tried yet, so the quantized model is the best
    assert _count(model, "FakeQuantize") > 0
    assert "max_seconds = 0.001 were over" in report.warnings[0]


def test_accuracy_control_out_of_time_in_its_search(
    tiny_model: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_labels(tiny_model.folder)
    judge, calls = _nearness(tiny_model, best=1.0), []
    clock = Clock()
    monkeypatch.setattr(accuracy_control.time, "monotonic", clock)

    def validate(model: Any, items: Any) -> tuple[float, list[float]]:
        found: tuple[float, list[float]] = judge(model, items)
        calls.append((found[0], len(found[1])))
        if clock.searching and len(found[1]) == len(tiny_model.samples):
            clock.late = True  # after the first step of the search
        return found

    clock.calls = calls
    model, report = compressed(
        tiny_model,
        {
            "method": "quantize_with_accuracy_control",
            "max_drop": 1e-9,
            "max_seconds": 100.0,
            "advanced_accuracy_restorer_parameters": {"ranking_subset_size": 2},
        },
        validation=Labelled(tiny_model.folder),
        validate=validate,
    )
    assert 0 < len(report.reverted) < 5
    assert _count(model, "FakeQuantize") > 0
    assert "the best model until then is kept" in report.warnings[0]


class Clock:
    """Stands still until it is told that it is late."""

    def __init__(self) -> None:
        self.late = False
        self.calls: list[Any] = []

    @property
    def searching(self) -> bool:
        """The original and the quantized model were judged, and ranking has begun."""
        return len(self.calls) > 3

    def __call__(self) -> float:
        return 1000.0 if self.late else 0.0


def test_int4_that_is_int8_is_told_and_recorded(tiny_model: Tiny) -> None:
    _, report = compressed(
        tiny_model, {"method": "compress_weights", "mode": "int4_sym", "group_size": -1}
    )
    assert report.weight_bits == {"int8_asym": 1.0}
    assert "int8_asym 100 % where int4_sym was asked for" in report.warnings[0]


def test_awq_on_layers_that_are_too_small_is_refused(tiny_model: Tiny) -> None:
    table = {"method": "compress_weights", "mode": "int4_sym", "dataset": True, "group_size": 4}
    with pytest.raises(RecipeError, match="no linear layer is large enough"):
        compressed(tiny_model, {**table, "scale_estimation": True})


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"patterns": ["cnv.*"]}, "the pattern 'cnv.*' matches no operation"),
        ({"names": ["linaer"]}, "did you mean 'linear'"),
        ({"patterns": ["conv("]}, "no regular expression"),
        ({"subgraphs": [{"inputs": ["conv0"], "outputs": ["nosuch"]}]}, "matches no operation"),
    ],
)
def test_a_scope_that_matches_nothing_is_told(
    tiny_model: Tiny, scope: dict[str, Any], expected: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        compressed(tiny_model, {"method": "quantize", "ignored_scope": scope})
    assert expected in str(caught.value)


def test_rules_of_a_scope_list_what_they_match(tiny_model: Tiny) -> None:
    scope = method_parameters.IgnoredScope(names=["linear"], patterns=["conv[01]$"], types=["Relu"])
    found = rules(ov.Core().read_model(tiny_model.model), scope)
    assert [rule.matches for rule in found] == [
        ["linear"],
        ["conv0", "conv1"],
        ["relu0", "relu1"],
    ]
