from __future__ import annotations

import typing

from ovtui.core.runs.stage_kind import StageKind
from ovtui.engine.run import stage_process
from ovtui.engine.store import stage_work


def test_every_kind_of_stage_has_its_work_and_its_function() -> None:
    kinds = [work.kind for work in typing.get_args(stage_work.Work)]
    assert sorted(kinds) == sorted(set(StageKind) - {StageKind.MEASURE}), "measured in the engine"
    assert sorted(stage_process._DOING) == sorted(kinds)


def test_a_stage_is_called_what_results_have_it_called() -> None:
    named = {
        StageKind.DOWNLOAD: "download",
        StageKind.CONVERT: "convert",
        StageKind.TRY: "metrics tried",
        StageKind.RECORD: "component inputs",
        StageKind.EVALUATE: "evaluate",
        StageKind.MEASURE: "measure",
    }
    assert {kind: kind.name_of() for kind in named} == named
    assert StageKind.COLLECT.name_of("calibration") == "calibration data"
    assert StageKind.CHOOSE.name_of("int8") == "int8 execution"
    assert StageKind.COMPRESS.name_of("int8 decoder") == "compress int8 decoder"
