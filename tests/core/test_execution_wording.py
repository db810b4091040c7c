from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ovtui.core.reports.execution_wording import executions, loading
from ovtui.core.results.execution import (
    NO_TIME,
    NOT_FASTER,
    ComponentExecution,
    Tried,
    execution_fields,
)
from ovtui.core.results.variant import Variant
from tests.support.sample_result import sample_result

KEYS, GROUP = "KV_CACHE_PRECISION", "DYNAMIC_QUANTIZATION_GROUP_SIZE"


def variant(execution: dict[str, Any]) -> Variant:
    return Variant(name="int8", baseline=False, path="", execution=execution)


def found(refused: list[str], **chosen: Any) -> ComponentExecution:
    fields: dict[str, Any] = {"chosen": {}, "chosen_ms": 4.0} | chosen
    tried = [Tried(properties={GROUP: 0}, refused=why) for why in refused]
    return ComponentExecution(default={GROUP: 32}, default_ms=4.0, candidates=tried, **fields)


def test_what_was_chosen_stands_beside_the_default() -> None:
    faster = found([""], chosen={GROUP: 0}, chosen_ms=2.5, speedup=1.6, speedup_ci95=(1.5, 1.7))
    execution = execution_fields({"model": faster}, {"model": "model.execution.json"})
    assert executions(variant(execution)) == [
        f"{GROUP} 0: 1.60× faster (95 % CI 1.50–1.70) than the device's default ({GROUP} 32), "
        "2.50 ms instead of 4.00 ms"
    ]
    assert loading(replace(sample_result(), device="CPU"), variant(execution)) == [
        'how = json.load(open("model.execution.json")); '
        'model = core.compile_model("model.xml", "CPU", how["CPU"])'
    ]


def test_what_gives_most_samples_a_second_stands_apart() -> None:
    busy = found([""], chosen={"NUM_STREAMS": 1, "batch": 4}, chosen_ms=2.0, speedup=2.0)
    execution = execution_fields({}, {}, busy, "model.throughput.json")
    (words,) = executions(variant(execution))
    assert words.startswith("for throughput: NUM_STREAMS 1, batch 4: 2.00× faster")
    (line,) = loading(replace(sample_result(), device="CPU"), variant(execution))
    assert '"model.xml"' in line and 'open("model.throughput.json")' in line


def test_a_default_that_stays_says_why() -> None:
    far = "farther from the baseline: 0.2 of the largest output, default 0.1"
    parts = {"encoder": found([NO_TIME, NO_TIME]), "decoder": found([NOT_FASTER, far, NOT_FASTER])}
    assert executions(variant(execution_fields(parts, {}))) == [
        f"encoder: {GROUP} 32, the device's default; no time left to try 2 candidates",
        f"decoder: {GROUP} 32, the device's default; of 3 candidates 2 not clearly faster, "
        "1 farther from the baseline",
    ]


def test_nothing_is_said_of_a_variant_for_which_nothing_was_tried() -> None:
    assert executions(variant({"requested": {}})) == []
    assert executions(variant({"default": "by other hands"})) == []
    assert loading(sample_result(), variant({})) == []
