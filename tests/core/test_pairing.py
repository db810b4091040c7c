from __future__ import annotations

from ovtui.core.reports.pairing import Judged, pairs, to_text
from ovtui.core.results.outcomes import Outcomes
from ovtui.core.text.cells import cell_width

RIGHT, WRONG = [1.0], [0.0]


def outcomes(dataset: str = "digits", **variants: list[list[float]]) -> Outcomes:
    return Outcomes(
        metric="accuracy",
        reduction="mean",
        higher_is_better=True,
        dataset=dataset,
        split="test",
        samples=[3, 5, 8, 13],
        variants=variants,
    )


def test_variants_of_other_runs_are_compared_on_the_same_samples() -> None:
    here = Judged("here", outcomes(fp32=[RIGHT] * 4, int8=[RIGHT, RIGHT, RIGHT, WRONG]))
    there = Judged("there", outcomes(fp32=[RIGHT, WRONG, RIGHT, WRONG]))
    found = pairs([here, there])
    assert [(pair.run, pair.variant, pair.worse, pair.better) for pair in found] == [
        ("here", "int8", 1, 0),
        ("there", "fp32", 2, 0),
    ]
    assert found[0].delta == -0.25
    assert {(pair.against_run, pair.against) for pair in found} == {("here", "fp32")}


def test_other_samples_are_no_pair() -> None:
    here = Judged("here", outcomes(fp32=[RIGHT] * 4))
    there = Judged("there", outcomes("cifar", fp32=[RIGHT] * 4))
    assert pairs([here, there]) == []
    assert pairs([]) == []


def test_text_fits_and_is_harmless() -> None:
    here = Judged("a\x1b[31m" * 9, outcomes(fp32=[RIGHT] * 4, int8=[WRONG] * 4))
    text = to_text(pairs([here]), 60)
    assert "\x1b" not in text
    assert all(cell_width(line) <= 60 for line in text.splitlines())
