"""What the words on the screens mean, for the help."""

from __future__ import annotations

WORDS = {
    "baseline": "the uncompressed model that variants are compared with, as it is stored",
    "variant": "the model with one method for each component",
    "component": "a part of a model with a graph of its own; `model` where it is one graph",
    "method": "quantize (INT8), compress_weights, quantize_with_accuracy_control, or none",
    "p50, p90, p99": "milliseconds that 50, 90 and 99 % of single requests took at most",
    "throughput": "inferences a second with many requests at once",
    "end to end": "from a row of the data to an answer, with preparing and decoding",
    "real lengths": "answers that end where the model ends them; the table's have equal lengths",
    "calls, first": "calls of a component for one answer; the first one of a sequence apart",
    "block": "a stretch of a measurement; variants take turns, block by block",
    "95 % CI": "an interval that holds the true value in 95 of 100 such measurements",
    "paired change": "how the metric changed on the same samples; verdicts rest on its interval",
    "max_drop": "the loss that the recipe allows",
    "PASS, FAIL": "the whole interval of the change is within, or beyond, max_drop",
    "not enough samples": "the interval crosses max_drop; how many more would settle it is told",
    "agreement": "how often a variant says what the baseline says, and how near its outputs are",
    "executed precision": "what the device calculates in, read from the compiled model",
    "Pareto front": "variants that no other beats in both speed and metric",
    "chosen": "the variant that is recommended: within max_drop, then the fastest",
    "calibration": "samples that ranges of activations are found from",
    "ignored scope": "operations that stay in floating point",
    "cached": "the outcome of a stage that was done before, with the same inputs and versions",
}
