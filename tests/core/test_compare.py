"""Statistics against published numbers, and numbers that scipy 1.17.1 gave for the same data."""

from __future__ import annotations

import math
import random

import pytest

from ovtui.core.results.compare import compare_outcomes, interval, reduce_outcomes
from ovtui.core.statistics import intervals

X = [3.1, 2.0, 2.0, 5.5, 4.2, 0.3, 2.9, 7.7]
Y = [2.7, 2.2, 1.0, 4.0, 4.0, 1.0, 3.3, 5.0]
PAIRS = list(zip(X, Y, strict=True))


def right_wrong(right: int, wrong: int) -> list[tuple[float]]:
    return [(1.0,)] * right + [(0.0,)] * wrong


@pytest.mark.parametrize(
    ("reduction", "outcomes", "value"),
    [
        ("mean", [(1,), (0,), (1,), (1,)], 0.75),
        ("f1", [(3, 1, 0), (1, 0, 2)], 8 / 11),
        ("rate", [(1, 10), (0, 5), (4, 5)], 0.25),
        ("pearson", PAIRS, 0.9206480512108204),  # scipy.stats.pearsonr
        ("spearman", PAIRS, 0.9515326270223115),  # scipy.stats.spearmanr, with ties
        ("spearman", [(x, x**3) for x in X], 1.0),
        ("pearson", [(x, -2 * x) for x in X], -1.0),
        ("pearson", [(x, 4.0) for x in X], 0.0),
        ("spearman", [(x, 4.0) for x in X], 0.0),
        ("pearson", [(1e300 * x, y) for x, y in PAIRS], 0.9206480512108204),
        ("pearson", [(1e6 + x, y) for x, y in PAIRS], 0.9206480512108204),
        ("f1", [(0, 0, 0)], 0.0),
        ("rate", [(0, 0)], 0.0),
    ],
)
def test_reductions(reduction: str, outcomes: list[tuple[float, ...]], value: float) -> None:
    assert reduce_outcomes(reduction, outcomes) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("reduction", "outcomes", "message"),
    [
        ("median", [(1,)], "unknown reduction 'median'; known are mean"),
        ("mean", [], "no outcomes"),
        ("f1", [(1, 0, 0), (1, 0)], "sample 1 has 2 numbers, not 3 numbers"),
        ("mean", [(math.nan,)], "sample 0 is not a finite number"),
        ("rate", [(1, math.inf)], "sample 0 is not a finite number"),
        ("f1", [(1, -1, 0)], "sample 0 has a negative count"),
    ],
)
def test_bad_outcomes(reduction: str, outcomes: list[tuple[float, ...]], message: str) -> None:
    for use in (reduce_outcomes, interval):
        with pytest.raises(ValueError, match=message):
            use(reduction, outcomes)


def test_wilson() -> None:
    """81 of 263 is the first example of Newcombe (1998, Statistics in Medicine 17:857)."""
    assert interval("mean", right_wrong(81, 182)) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval("mean", right_wrong(0, 20)) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert interval("mean", right_wrong(20, 0)) == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert interval("mean", right_wrong(1, 0)) == pytest.approx((0.2065, 1.0), abs=5e-5)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe (1998), table of examples, method 10; signs turned, as ours is second - first.
        ((36, 12, 2, 0), -0.3404, -0.0569),
        # R's contingencytables, Newcombe_square_and_add_CI_paired_2x2, Cavo et al. 2012.
        ((59, 6, 16, 80), 0.0046, 0.1186),
    ],
)
def test_newcombe(table: tuple[int, int, int, int], low: float, high: float) -> None:
    assert intervals.newcombe_paired(*table) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("worse", "better", "p"),
    [  # scipy.stats.binomtest
        (6, 16, 0.052478790283203125),
        (49500, 50500, 0.0015823598788515154),
        (5, 5, 1.0),
        (0, 0, 1.0),
        (1, 0, 1.0),
        (0, 10, 2**-9),
    ],
)
def test_mcnemar(worse: int, better: int, p: float) -> None:
    assert intervals.mcnemar(worse, better) == pytest.approx(p, rel=1e-6)


def test_t_quantiles() -> None:
    """scipy.stats.t.ppf(0.975, df), on both sides of the end of the table."""
    for degrees, value in ((1, 12.7062), (20, 2.08596), (21, 2.07961), (30, 2.04227)):
        assert intervals.t_quantile(degrees) == pytest.approx(value, abs=5e-4)


def test_right_and_wrong_outcomes() -> None:
    baseline = right_wrong(65, 96)
    variant = right_wrong(59, 6) + right_wrong(16, 80)
    found = compare_outcomes("mean", baseline, variant, higher_is_better=True, max_drop=0.01)
    assert found.delta == pytest.approx(10 / 161)
    assert (found.worse, found.better, found.test) == (6, 16, "McNemar (exact)")
    assert found.verdict == "pass"
    turned = compare_outcomes("mean", baseline, variant, higher_is_better=False, max_drop=0.001)
    assert (turned.worse, turned.better, turned.verdict) == (16, 6, "fail")


def test_f1_and_rate_count_samples() -> None:
    f1 = compare_outcomes(
        "f1",
        [(1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 0)],
        [(0, 0, 1), (1, 0, 0), (0, 0, 0), (0, 2, 0)],
        higher_is_better=True,
        max_drop=0.1,
    )
    assert (f1.worse, f1.better) == (2, 1)
    rate = compare_outcomes(
        "rate", [(1, 9), (2, 9), (0, 9)], [(3, 9), (1, 9), (0, 9)],
        higher_is_better=False, max_drop=0.1,
    )  # fmt: skip
    assert (rate.worse, rate.better) == (1, 1)
    assert rate.delta == pytest.approx(1 / 27)


@pytest.mark.parametrize("reduction", ["mean", "f1", "rate"])
def test_identical_outcomes_prove_more_with_more_samples(reduction: str) -> None:
    arity = {"mean": 1, "f1": 3}.get(reduction, 2)
    source = random.Random(1)
    outcomes = [tuple(float(source.randrange(1, 9)) for _ in range(arity)) for _ in range(600)]
    if reduction == "mean":
        outcomes = [(score / 8,) for (score,) in outcomes]
    few, many = (
        compare_outcomes(reduction, of, of, higher_is_better=True, max_drop=0.01)
        for of in (outcomes[:20], outcomes)
    )
    assert (few.delta, few.p_value, few.verdict) == (0, 1, "not enough samples")
    assert few.samples_needed is not None
    assert (many.delta, many.p_value, many.verdict) == (0, 1, "pass")


@pytest.mark.parametrize("reduction", ["mean", "f1", "rate", "pearson", "spearman"])
def test_one_sample_settles_nothing(reduction: str) -> None:
    arity = {"mean": 1, "f1": 3}.get(reduction, 2)
    one, other = [(1.0,) * arity], [(0.0,) * arity]
    found = compare_outcomes(reduction, one, other, higher_is_better=True, max_drop=0.01)
    assert found.p_value == 1
    assert found.delta_ci95.high - found.delta_ci95.low > 0.5
    low, high = interval(reduction, one)
    assert high - low > 0.5


def test_no_number_of_samples_would_settle_a_drop_of_max_drop() -> None:
    variant = right_wrong(90, 10)
    found = compare_outcomes(
        "mean", right_wrong(100, 0), variant, higher_is_better=True, max_drop=0.1
    )
    assert (found.verdict, found.samples_needed) == ("not enough samples", None)


def test_samples_needed_would_settle_it() -> None:
    """Half widths shrink with the square root, so as many copies must pass (or nearly)."""
    baseline, variant = right_wrong(95, 5), right_wrong(94, 6)
    found = compare_outcomes("mean", baseline, variant, higher_is_better=True, max_drop=0.03)
    assert found.verdict == "not enough samples"
    assert found.samples_needed is not None
    copies = math.ceil(1.3 * found.samples_needed / 100)
    more = compare_outcomes(
        "mean", baseline * copies, variant * copies, higher_is_better=True, max_drop=0.03
    )
    assert more.verdict == "pass"


def test_without_max_drop_there_is_no_verdict() -> None:
    found = compare_outcomes("mean", [(1,)], [(1,)], higher_is_better=True, max_drop=None)
    assert (found.verdict, found.samples_needed) == (None, None)


def test_bad_comparisons() -> None:
    with pytest.raises(ValueError, match="2 outcomes of the baseline but 1"):
        compare_outcomes("mean", [(1,)] * 2, [(1,)], higher_is_better=True, max_drop=0.1)
    for max_drop in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="max_drop"):
            compare_outcomes("mean", [(1,)], [(1,)], higher_is_better=True, max_drop=max_drop)


def test_bootstrap_is_deterministic() -> None:
    source = random.Random(2)
    baseline = [(source.gauss(0, 1), source.gauss(0, 1)) for _ in range(10_000)]
    variant = [(x, y + source.gauss(0, 0.1)) for x, y in baseline]
    first = compare_outcomes("spearman", baseline, variant, higher_is_better=True, max_drop=0.1)
    assert first == compare_outcomes(
        "spearman", baseline, variant, higher_is_better=True, max_drop=0.1
    )
    assert (first.worse, first.better, first.test) == (None, None, "paired bootstrap")


def test_bootstrap_agrees_with_theory() -> None:
    """A mean's interval is 1.96 standard errors, also where samples are dealt into blocks."""
    source = random.Random(3)
    outcomes = [(source.gauss(5, 2),) for _ in range(4000)]
    low, high = interval("mean", outcomes)
    assert high - low == pytest.approx(2 * 1.96 * 2 / math.sqrt(4000), rel=0.15)


@pytest.mark.parametrize("reduction", ["mean", "pearson", "spearman"])
def test_coverage(reduction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 120 seeded samples of 40, the interval holds the truth about 114 times."""
    monkeypatch.setattr(intervals, "RESAMPLES", 200)
    source = random.Random(4)
    rho = 0.8
    truth = {"mean": 0.5, "pearson": rho, "spearman": 6 / math.pi * math.asin(rho / 2)}[reduction]
    held = 0
    for _ in range(120):
        outcomes: list[tuple[float, ...]] = []
        for _ in range(40):
            x = source.gauss(0, 1)
            y = rho * x + math.sqrt(1 - rho * rho) * source.gauss(0, 1)
            outcomes.append((source.random(),) if reduction == "mean" else (x, y))
        low, high = interval(reduction, outcomes)
        held += low <= truth <= high
    assert 107 <= held <= 120


@pytest.mark.parametrize("reduction", ["mean", "cosine", "f1", "rate", "pearson", "spearman"])
def test_the_same_outputs_pass_whatever_their_number(reduction: str) -> None:
    arity = {"mean": 1, "cosine": 1, "f1": 3}.get(reduction, 2)
    outcomes = [(1.0,) * arity, (0.5,) * arity, (0.0,) * (arity - 1) + (1.0,)]
    found = compare_outcomes(
        reduction, outcomes, outcomes, higher_is_better=True, max_drop=0.0, same_outputs=True
    )
    assert (found.delta, found.delta_ci95, found.p_value) == (0, (0, 0), 1)
    assert (found.verdict, found.samples_needed, found.test) == ("pass", None, "same outputs")


@pytest.mark.parametrize("reduction", ["cosine", "error", "pearson", "spearman"])
def test_outcomes_that_any_change_moves_differ_by_as_much_as_was_seen(reduction: str) -> None:
    """Unchanged is no wider than changed: it was 0.17 beside 0.0001 for twenty samples."""
    source = random.Random(5)
    arity = 2 if reduction in ("pearson", "spearman") else 1
    outcomes = [tuple(source.random() for _ in range(arity)) for _ in range(20)]
    moved = [(*rest, last * (1 + 1e-9)) for *rest, last in outcomes]
    for of in (outcomes, moved):
        found = compare_outcomes(reduction, outcomes, of, higher_is_better=True, max_drop=0.01)
        assert found.verdict == "pass"
        assert max(map(abs, found.delta_ci95)) < 1e-7


def test_a_cosine_stays_between_its_bounds() -> None:
    for count in (1, 2, 24):
        alike = [(0.9999,)] * count
        low, high = interval("cosine", alike)
        assert -1 <= low < 0.9999 < high == 1
        worse = [(0.9,)] * count
        found = compare_outcomes("cosine", alike, worse, higher_is_better=True, max_drop=0.5)
        assert -2 <= found.delta_ci95.low < found.delta_ci95.high <= 2
    assert interval("error", [(0.25,)]).low >= 0


def test_scores_on_a_small_scale_have_small_intervals() -> None:
    low, high = interval("error", [(0.0004,)] * 24)
    assert high - low < 0.0004


@pytest.mark.parametrize(
    ("reduction", "baseline", "reason"),
    [
        ("spearman", [(0.5, 1.0), (0.5, 2.0), (0.5, 3.0)], "one side of the correlation"),
        ("pearson", [(1.0, 2.0)], "one side of the correlation"),
        ("f1", [(0, 0, 0)] * 3, "class 1 is neither expected nor found"),
        ("rate", [(0, 0), (2, 0)], "no words"),
    ],
)
def test_a_metric_that_is_undefined_gives_no_verdict(
    reduction: str, baseline: list[tuple[float, ...]], reason: str
) -> None:
    for same in (False, True):
        found = compare_outcomes(
            reduction,
            baseline,
            baseline,
            higher_is_better=True,
            max_drop=1.0,
            same_outputs=same,
        )
        assert found.verdict is None and found.samples_needed is None
        assert reason in found.no_verdict


def test_a_variant_that_knows_nothing_fails() -> None:
    source = random.Random(6)
    baseline = [(x, x + source.gauss(0, 0.1)) for x in (source.gauss(0, 1) for _ in range(100))]
    constant = [(x, 0.0) for x, _ in baseline]
    found = compare_outcomes("spearman", baseline, constant, higher_is_better=True, max_drop=0.1)
    assert (found.verdict, found.no_verdict) == ("fail", "")
