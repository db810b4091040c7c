"""The stages of a run as table cells: how long each took, with how much memory."""

from __future__ import annotations

from ovtui.core.reports.table import Column, Row
from ovtui.core.results.result import Result
from ovtui.core.text.units import human_bytes, human_seconds


def stage_columns() -> list[Column]:
    """Returns the columns of `stage_rows`."""
    return [Column("stage"), Column("time", numeric=True), Column("peak memory", numeric=True)]


def stage_rows(result: Result) -> list[Row]:
    """Returns name, time and peak memory of each stage, in the order in which they were started."""
    return [
        [
            stage.name,
            "cached" if stage.cached else human_seconds(stage.seconds),
            human_bytes(stage.peak_rss_bytes) if stage.peak_rss_bytes else None,
        ]
        for stage in result.stages
    ]
