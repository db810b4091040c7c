"""How near outputs are: each of them by itself, whatever their shapes, and NaN told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ovtui.engine.data.spool import Arrays, Groups, Spool, SpoolWriter
from ovtui.engine.evaluation.agreement import agreement, without_numbers


def groups(folder: Path, samples: list[Arrays]) -> Groups:
    folder.mkdir()
    with SpoolWriter(folder, "outputs") as writer:
        for sample in samples:
            writer.append(sample)
    return Groups(Spool(folder, "outputs"), [1] * len(samples))


def boxes(*rows: list[float]) -> np.ndarray:
    return np.float32(rows)


def test_each_output_has_its_own_line(tmp_path: Path) -> None:
    first, second = boxes([100, 200, 300]), boxes([0.1, 0.9])
    baseline = groups(tmp_path / "a", [{"0": first, "1": second}] * 3)
    variant = groups(tmp_path / "b", [{"0": first, "1": second * 0}] * 3)
    found = agreement(baseline, variant, ["boxes", "scores"], None, [True] * 3)
    assert found.cosine == pytest.approx(1, abs=1e-5)  # the boxes drown the scores
    assert [it.name for it in found.outputs] == ["boxes", "scores"]
    assert [it.cosine for it in found.outputs] == [pytest.approx(1), 0]
    assert [it.max_abs_difference for it in found.outputs] == [0, pytest.approx(0.9)]


def test_a_row_that_one_side_lacks_counts(tmp_path: Path) -> None:
    baseline = groups(tmp_path / "a", [{"0": boxes([3, 0], [0, 4])}, {"0": boxes([1, 1])}])
    variant = groups(tmp_path / "b", [{"0": boxes([3, 0])}, {"0": boxes([1, 1])}])
    found = agreement(baseline, variant, ["found"], None, [False, True])
    assert found.max_abs_difference == 4
    assert found.min_cosine == pytest.approx(3 / 5)
    assert found.outputs[0].other_shape == 1
    assert found.value == 0.5


def test_outputs_of_other_names_are_compared_in_order(tmp_path: Path) -> None:
    """As PyTorch's are, which has its own."""
    baseline = groups(tmp_path / "a", [{"0": boxes([1, 0]), "3": boxes([2])}])
    pytorch = groups(tmp_path / "b", [{"logits": boxes([1, 0]), "embeds": boxes([1])}])
    found = agreement(baseline, pytorch, ["logits", "x", "y", "embeds"], None, [True])
    assert [(it.name, it.max_abs_difference) for it in found.outputs] == [
        ("logits", 0),
        ("embeds", 1),
    ]


def test_what_is_no_number_is_named_and_in_no_figure(tmp_path: Path) -> None:
    good, bad = {"0": boxes([1, 2])}, {"0": boxes([np.nan, 2])}
    infinite = {"0": boxes([1, np.inf])}
    baseline = groups(tmp_path / "a", [good, good, good])
    variant = groups(tmp_path / "b", [good, bad, infinite])
    none = without_numbers(variant, ["logits"])
    assert none == {1: "logits", 2: "logits"}
    assert without_numbers(baseline, ["logits"]) == {}
    found = agreement(baseline, variant, ["logits"], None, [True, False, False], none)
    assert (found.cosine, found.max_abs_difference, found.not_finite) == (pytest.approx(1), 0, 2)
    nothing = groups(tmp_path / "c", [bad, bad, bad])
    every = without_numbers(nothing, ["logits"])
    found = agreement(baseline, nothing, ["logits"], None, [False] * 3, every)
    assert found.cosine is None and found.max_abs_difference is None and found.not_finite == 3


def test_groups_that_are_left_out_are_not_there(tmp_path: Path) -> None:
    groups(tmp_path / "a", [{"0": boxes([number])} for number in range(5)])
    kept = Groups(Spool(tmp_path / "a", "outputs"), [2, 1, 2], left_out=[1])
    assert len(kept) == 2
    assert [[float(it["0"][0, 0]) for it in group] for group in kept] == [[0, 1], [3, 4]]
    assert [float(it["0"][0, 0]) for it in kept[1]] == [3, 4]
