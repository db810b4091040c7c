"""Components of pipelines: derived from results, shown wherever results are."""

from __future__ import annotations

import csv
import io

import pytest

from ovtui.core.reports import numbers
from ovtui.core.reports.component_table import TOTAL, component_rows
from ovtui.core.reports.report import to_csv, to_html, to_markdown
from ovtui.core.reports.side_by_side import comparison_table, to_text
from ovtui.core.reports.summary import summary
from tests.support.pipeline_result import pipeline_result
from tests.support.sample_result import sample_result


def test_each_component_against_the_baselines_then_the_total() -> None:
    rows = component_rows(pipeline_result())
    assert [(row.variant, row.component) for row in rows] == [
        (variant, part) for variant in ("fp32", "int8") for part in ("encoder", "decoder", TOTAL)
    ]
    encoder, decoder, total = rows[3:]
    assert encoder.method == "quantize" and encoder.size_bytes == 20_010_000
    assert encoder.compression == pytest.approx(40_010 / 20_010)
    assert encoder.speedup == pytest.approx(2.0)
    assert decoder.speedup == pytest.approx(1.6) and decoder.calls == 12.5
    assert decoder.first_p50_ms == 5.0
    assert total.compression == 1.95 and total.speedup == 1.75  # as the comparison has it
    assert all(row.compression is None and row.speedup is None for row in rows[:3])


def test_a_model_that_is_one_has_no_components_to_show() -> None:
    assert component_rows(sample_result()) == []
    assert "component" not in summary(sample_result(), 80)
    assert not comparison_table([sample_result()]).rows[0].components


def test_no_speedup_without_the_precisions_that_it_compares() -> None:
    result = pipeline_result(
        comparisons=[{"variant": "int8", "baseline": "fp32", "compression": 1.95}]
    )
    assert all(row.speedup is None for row in component_rows(result))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_report_tells_them(width: int) -> None:
    result = pipeline_result()
    table = comparison_table([result, result])
    texts = (summary(result, width), to_text(table, width), to_markdown(result), to_html(result))
    for text in texts:
        for told in ("encoder", "decoder", TOTAL, "2.00×", "1.60×", "12.5", "quantize"):
            assert told in text
    assert max(map(len, summary(result, width).split("\n"))) <= width


def test_csv_has_columns_for_each_component() -> None:
    base, int8 = csv.DictReader(io.StringIO(to_csv(pipeline_result())))
    assert base["encoder_speedup"] == "" and float(int8["encoder_speedup"]) == 2
    assert int8["decoder_method"] == "quantize" and int8["decoder_bin_bytes"] == "32000000"
    assert float(int8["decoder_first_p50_ms"]) == 5


def test_a_rise_of_errors_is_told_with_its_sign() -> None:
    text = " ".join(summary(pipeline_result(), 100).split())
    assert "wer" in text and "lower=better" in text
    assert "wer +0.0100 (95 % CI +0.0040 to +0.0160), lower is better; max_drop 0.0200" in text


@pytest.mark.parametrize(
    ("value", "told"), [(1.714, "1.71×"), (1.001, "same size"), (0.82, "1.22× larger")]
)
def test_a_ratio_below_a_title_is_told_in_words_where_it_is_no_gain(
    value: float, told: str
) -> None:
    assert numbers.gain(value, numbers.size) == told
