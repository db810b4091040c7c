"""What the start form says of each option: what holds where it is left out, and what it does."""

from __future__ import annotations

from typing import NamedTuple


class OptionWords(NamedTuple):
    """Words of an option."""

    absent: str
    """What holds where a recipe leaves it out."""
    meaning: str
    """What it does, in one line."""


WORDS: dict[str, OptionWords] = {
    "data.source": OptionWords("", "data for calibration and evaluation, from the recipe's folder"),
    "data.columns": OptionWords("by name", "the data's column for each that the task needs"),
    "data.calibration.split": OptionWords("none", "rows to calibrate with, as train or all[:300]"),
    "data.evaluation.split": OptionWords("none", "rows to judge by, as test or all[300:]"),
    "data.calibration.samples": OptionWords("all", "how many of its rows calibrate"),
    "data.evaluation.samples": OptionWords("all", "how many of its rows are judged"),
    "max_drop": OptionWords("0.01", "how much worse the metric may get; decides the verdict"),
    "measure.seconds": OptionWords("3.0", "seconds for each variant, latency and throughput each"),
    "measure.latency": OptionWords("true", "time of one request after another"),
    "measure.throughput": OptionWords("true", "requests at the same time, as many as fit"),
    "method": OptionWords("", "what is done to this component"),
    "quantize.mode": OptionWords("int8", "8-bit floats in place of int8; few processors have them"),
    "preset": OptionWords(
        "performance; transformers: mixed",
        "performance: symmetric ranges; mixed: activations may be asymmetric, often more accurate",
    ),
    "model_type": OptionWords("none", "transformer: adds SmoothQuant, keeps attention's ranges"),
    "fast_bias_correction": OptionWords("true", "false: layer by layer, slower and more accurate"),
    "disable_bias_correction": OptionWords("false", "true: leaves biases as they are"),
    "smooth_quant_alpha": OptionWords(
        "0.95 (transformers)", "0 to 1: how much of the activations' range moves to the weights"
    ),
    "types": OptionWords("none", "operations of these types stay in floating point"),
    "names": OptionWords("none", "operations of these names stay in floating point"),
    "patterns": OptionWords("none", "operations whose names match stay in floating point"),
    "mode": OptionWords("int8_asym", "what weights are stored as"),
    "ratio": OptionWords("1.0", "share of the weights in low bits, the others are in 8"),
    "group_size": OptionWords("128 for 4 bits, else a channel", "weights that share a scale"),
    "awq": OptionWords("false", "activation-aware scaling of 4-bit weights; needs data"),
    "scale_estimation": OptionWords("false", "scales that fit the activations; needs data"),
    "gptq": OptionWords("false", "weights corrected one after another; slow, needs data"),
    "dataset": OptionWords("false", "true: look at calibration samples"),
}
"""By method and parameter or a recipe's key, else by the last part of it; a test holds the defaults
against NNCF.
"""


def words_of(key: str) -> OptionWords:
    """Returns what is said of an option; nothing of one without words.

    Args:
        key: as `--set` names it; of a parameter its path behind the method's name.
    """
    return WORDS.get(key) or WORDS.get(key.rpartition(".")[2]) or OptionWords("", "")
