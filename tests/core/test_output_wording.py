"""What is said of a variant's outputs."""

from __future__ import annotations

from ovtui.core.reports.output_wording import agreement, evaluated, outputs
from ovtui.core.results.variant import Agreement, OutputNearness, SelfCheck


def test_several_outputs_have_a_line_each() -> None:
    lines = outputs(
        Agreement(
            with_="fp32",
            outputs=[
                OutputNearness(name="boxes", cosine=1, min_cosine=1, max_abs_difference=0),
                OutputNearness(name="scores", cosine=0.05, max_abs_difference=0.9, other_shape=3),
                OutputNearness(name="pixels", cosine=1, max_abs_difference=3.2, largest=320),
            ],
        )
    )
    assert lines == [
        "boxes: cosine 1.0000 (lowest 1.0000); largest difference 0",
        "scores: cosine 0.0500; largest difference 0.9; another shape in 3 samples",
        "pixels: cosine 1.0000; largest difference 3.2, 1 % of its largest value",
    ]
    assert outputs(Agreement(with_="fp32", outputs=[OutputNearness(name="logits")])) == []


def test_what_is_no_number_is_never_a_difference_of_zero() -> None:
    told = agreement(Agreement(with_="fp32", value=0.0, not_finite=540))
    assert "largest difference" not in told
    assert "540 samples answered with NaN or infinity" in told


def test_how_samples_were_inferred() -> None:
    check = SelfCheck(way="batches of 8", checked=8, equal=True, difference=0.0)
    assert (
        evaluated(check) == "in batches of 8; 8 samples equal to fresh requests of the file alone"
    )
    check = SelfCheck(way="one by one", checked=8, equal=True, refused=["batches of 8"])
    assert evaluated(check).endswith("; not batches of 8, which gave other outputs")
    check = SelfCheck(way="a fresh request each", checked=2, equal=False)
    assert "two fresh requests answer differently" in evaluated(check)
