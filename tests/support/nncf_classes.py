"""NNCF's class of each structure that a recipe may say parameters by."""

from __future__ import annotations

from typing import Any

import msgspec
import nncf
from nncf.quantization import advanced_parameters as advanced
from nncf.quantization import range_estimator as ranges

from ovtui.core.recipes import compression as methods

FUNCTIONS: dict[type[msgspec.Struct], str] = {
    methods.Quantize: "quantize",
    methods.CompressWeights: "compress_weights",
    methods.QuantizeWithAccuracyControl: "quantize_with_accuracy_control",
}
"""NNCF's function of each method."""
HANDED_OVER = ("model", "calibration_dataset", "validation_dataset", "validation_fn")
"""Arguments of these functions that no recipe says: the model, samples and how it is judged."""
CLASSES: dict[type[msgspec.Struct], Any] = {
    methods.IgnoredScope: nncf.IgnoredScope,
    methods.Subgraph: nncf.Subgraph,
    methods.StatisticsCollector: ranges.StatisticsCollectorParameters,
    methods.RangeEstimator: ranges.RangeEstimatorParameters,
    methods.Quantizer: advanced.QuantizationParameters,
    methods.BiasCorrection: advanced.AdvancedBiasCorrectionParameters,
    methods.SmoothQuantAlphas: advanced.AdvancedSmoothQuantParameters,
    methods.AdvancedQuantization: advanced.AdvancedQuantizationParameters,
    methods.AdvancedAccuracyRestorer: advanced.AdvancedAccuracyRestorerParameters,
    methods.AWQ: advanced.AdvancedAWQParameters,
    methods.ScaleEstimation: advanced.AdvancedScaleEstimationParameters,
    methods.GPTQ: advanced.AdvancedGPTQParameters,
    methods.LoraCorrection: advanced.AdvancedLoraCorrectionParameters,
    methods.AdaptiveCodebook: advanced.AdvancedAdaptiveCodebookParameters,
    methods.AdvancedCompression: advanced.AdvancedCompressionParameters,
}
"""`Quantizer` is also `FP8QuantizationParameters`, where it says a `destination_type`."""
