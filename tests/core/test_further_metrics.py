"""What recipes may ask for besides one metric of OpenVINO's variants, in every report."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ovtui.core.reports.report import to_csv, to_markdown
from ovtui.core.reports.variant_table import variant_columns, variant_rows
from ovtui.core.results import evaluated_rows
from ovtui.core.results.result import MetricChange, Result, Sample
from ovtui.core.results.sample_changes import Kind, is_right, kinds, right_answer
from ovtui.core.results.variant import Accuracy
from ovtui.core.text.errors import UserError
from tests.support.sample_result import sample_result


def with_more() -> Result:
    """A result with F1 beside the accuracy, and a variant's speed-up over PyTorch."""
    result = sample_result()
    replace = msgspec.structs.replace
    f1 = Accuracy(metric="f1", higher_is_better=True, value=0.9, ci95=(0.88, 0.92), count=100)
    change = MetricChange(
        metric="f1", delta=-0.01, delta_ci95=(-0.02, 0.0), p_value=0.1, test="paired bootstrap"
    )
    last = replace(
        result.comparisons[-1],
        also=[change],
        pytorch_speedup=4.6,
        pytorch_speedup_ci95=(4.5, 4.7),
        pytorch_precisions="f32 → i8",
    )
    shapes = {"execution": {"shapes": {"input_ids": [1, None]}, "inference_precision": "f32"}}
    variants = [replace(variant, also=[f1], **shapes) for variant in result.variants]
    return replace(result, variants=variants, comparisons=[*result.comparisons[:-1], last])


def test_further_metrics_have_a_column_and_a_line() -> None:
    result = with_more()
    assert variant_columns(result)[-1].title == "f1"
    assert [row[-1] for row in variant_rows(result)] == ["0.9000"] * 3
    text = to_markdown(result)
    assert "- also: f1 -0.0100 (95 % CI -0.0200 to 0.0000)" in text
    assert "f1 0.9" in to_csv(result)


def test_a_speed_up_over_pytorch_names_both_precisions() -> None:
    text = to_markdown(with_more())
    assert "- over PyTorch: PyTorch f32 → i8: 4.60× faster in latency (95 % CI 4.50–4.70)" in text
    assert "- speed: measured on inputs of input_ids" in text


def test_any_row_is_found(tmp_path: Path) -> None:
    rows = [
        Sample(id=str(index), input={}, reference=None, predictions={"fp32": {"label": "a"}})
        for index in range(20, 30)
    ]
    evaluated_rows.write(tmp_path, rows)
    assert evaluated_rows.find(tmp_path, "25") == rows[5]
    with pytest.raises(UserError, match="sample 3: was not evaluated; the 10 rows are 20, 21"):
        evaluated_rows.find(tmp_path, "3")
    (tmp_path / evaluated_rows.FILE).write_text("{")
    with pytest.raises(UserError, match="cannot be read"):
        evaluated_rows.find(tmp_path, "25")
    with pytest.raises(UserError, match="keeps no predictions"):
        evaluated_rows.find(tmp_path / "other", "25")


def test_a_score_is_neither_right_nor_wrong() -> None:
    sample = Sample(id="1", input={}, reference=0.5, predictions={"fp32": {"values": [0.4]}})
    assert is_right(sample, "fp32") is None
    assert kinds(sample, "fp32") == {Kind.ALL}


def test_a_text_is_right_when_it_is_one_of_several_whatever_its_case() -> None:
    predictions = {"fp32": {"text": "A cat."}, "int8": {"text": "a dog"}}
    sample = Sample(id="0", input={}, reference=["the cat", "a cat"], predictions=predictions)
    assert is_right(sample, "fp32") and not is_right(sample, "int8")
    assert Kind.WORSE in kinds(sample, "fp32")
    assert right_answer(sample.reference) == "the cat / a cat"
