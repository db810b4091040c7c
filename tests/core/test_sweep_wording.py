"""A sweep's best point and its heat maps, in the command's words and the page's."""

from __future__ import annotations

import msgspec
import pytest

from ovtui.core.reports.report import to_html, to_markdown
from ovtui.core.reports.summary import summary
from ovtui.core.reports.sweep_wording import best_point, heat_maps
from ovtui.core.results.result import Result
from ovtui.core.results.sweep import RefusedPoint, Setting, Sweep, SweepPoint
from ovtui.core.text.cells import cell_width
from tests.support.sample_result import HOSTILE, sample_result


def _point(streams: int, batch: int, rate: float, p90: float) -> SweepPoint:
    return SweepPoint(
        setting=Setting(streams=streams, batch=batch),
        samples_per_second=rate,
        p50_ms=p90 / 2,
        p90_ms=p90,
        requests=streams,
        seconds=1.0,
        blocks_per_second=[rate * 0.99, rate, rate * 1.01],
    )


POINTS = [
    _point(1, 1, 100.0, 10.0),
    _point(2, 1, 150.0, 14.0),
    _point(1, 8, 151.0, 53.0),
    _point(2, 8, 200.0, 80.0),
]


def _swept(sweep: Sweep) -> Result:
    result = sample_result()
    first, *rest = result.variants
    return msgspec.structs.replace(
        result, variants=[msgspec.structs.replace(first, sweep=sweep), *rest]
    )


@pytest.mark.parametrize(
    ("limit", "streams", "batch"), [(None, 2, 8), (60.0, 1, 8), (14.0, 2, 1), (10.0, 1, 1)]
)
def test_the_best_point_is_the_quickest_within_the_limit(
    limit: float | None, streams: int, batch: int
) -> None:
    best = Sweep(points=POINTS, latency_ms=limit).best
    assert best is not None and best.setting == Setting(streams=streams, batch=batch)


def test_no_point_is_best_where_none_keeps_the_limit() -> None:
    sweep = Sweep(points=POINTS, latency_ms=1.0)
    assert sweep.best is None and sweep.rivals == []
    assert best_point(sweep) == (
        "no setting keeps 1.00 ms: the quickest, 1 stream, batch 1, has a p90 of 10.0 ms"
    )
    assert best_point(Sweep(points=[])) == "no setting could be measured"


def test_points_whose_intervals_overlap_are_named_with_the_best() -> None:
    sweep = Sweep(points=POINTS, latency_ms=60.0)
    assert [point.setting for point in sweep.rivals] == [Setting(streams=2, batch=1)]
    assert best_point(sweep) == (
        "best at 1 stream, batch 8: 151 samples a second (95 % CI 147–155), requests p50 26.5 ms, "
        "p90 53.0 ms of 60.0 ms allowed; within its interval: 2 streams, batch 1"
    )


def test_a_map_has_every_setting_with_its_exact_rate() -> None:
    refused = [RefusedPoint(setting=Setting(streams=2, batch=16), why="no memory")]
    (heat_map,) = heat_maps(_swept(Sweep(points=POINTS, refused=refused, latency_ms=60.0)))
    assert heat_map.title == "fp32: samples a second by streams and batch"
    assert [column.title for column in heat_map.columns] == ["", "1 stream", "2 streams"]
    assert [(name, [cell.shaded for cell in cells]) for name, cells in heat_map.rows] == [
        ("batch 1", ["▒ 100 ", "▓ 150 "]),
        ("batch 8", ["▓ 151*", "█ 200!"]),
        ("batch 16", ["–", "–"]),
    ]
    assert heat_map.notes == [
        "* best: 1 stream, batch 8",
        "! more than one request in ten takes longer than 60.0 ms",
        "2 streams, batch 16: no memory",
    ]


def test_there_is_a_map_for_each_number_of_threads() -> None:
    points = [
        msgspec.structs.replace(
            point, setting=msgspec.structs.replace(point.setting, threads=threads)
        )
        for point in POINTS
        for threads in (4, 2)
    ]
    titles = [heat_map.title for heat_map in heat_maps(_swept(Sweep(points=points)))]
    assert [title.rpartition(", ")[2] for title in titles] == ["2 threads", "4 threads"]


@pytest.mark.parametrize("width", [40, 60, 120])
def test_every_report_has_the_maps(width: int) -> None:
    result = _swept(Sweep(points=POINTS, latency_ms=60.0))
    text = summary(result, width)
    assert "▓ 151*" in text and max(map(cell_width, text.split("\n"))) <= width
    assert "| batch 8 | 151\\* | 200! |" in to_markdown(result)
    page = to_html(result)
    assert '<span class="heat" style="--tint:40%">200!</span>' in page


def test_reasons_from_outside_are_no_markup() -> None:
    refused = [RefusedPoint(setting=Setting(streams=3, batch=1), why=why) for why in HOSTILE]
    result = _swept(Sweep(points=[], refused=refused))
    assert "<script" not in to_html(result)
    assert "\x1b" not in summary(result, 80)


def test_a_sweep_is_read_again_as_it_was_written() -> None:
    sweep = Sweep(points=POINTS, latency_ms=60.0)
    assert msgspec.json.decode(msgspec.json.encode(sweep), type=Sweep) == sweep
