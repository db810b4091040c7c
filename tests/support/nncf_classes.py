"""NNCF's class of each structure that a recipe may say parameters by."""

from __future__ import annotations

from typing import Any

import msgspec
import nncf
from nncf.quantization import advanced_parameters as advanced
from nncf.quantization import range_estimator as ranges

from ovtui.core.recipes import compression as methods
from ovtui.core.recipes import method_parameters

FUNCTIONS: dict[type[msgspec.Struct], str] = {
    methods.Quantize: "quantize",
    methods.CompressWeights: "compress_weights",
    methods.QuantizeWithAccuracyControl: "quantize_with_accuracy_control",
}
"""NNCF's function of each method."""
HANDED_OVER = ("model", "calibration_dataset", "validation_dataset", "validation_fn")
"""Arguments of these functions that no recipe says: the model, samples and how it is judged."""
CLASSES: dict[type[msgspec.Struct], Any] = {
    method_parameters.IgnoredScope: nncf.IgnoredScope,
    method_parameters.Subgraph: nncf.Subgraph,
    method_parameters.StatisticsCollector: ranges.StatisticsCollectorParameters,
    method_parameters.RangeEstimator: ranges.RangeEstimatorParameters,
    method_parameters.Quantizer: advanced.QuantizationParameters,
    method_parameters.BiasCorrection: advanced.AdvancedBiasCorrectionParameters,
    method_parameters.SmoothQuantAlphas: advanced.AdvancedSmoothQuantParameters,
    method_parameters.AdvancedQuantization: advanced.AdvancedQuantizationParameters,
    method_parameters.AdvancedAccuracyRestorer: advanced.AdvancedAccuracyRestorerParameters,
    method_parameters.AWQ: advanced.AdvancedAWQParameters,
    method_parameters.ScaleEstimation: advanced.AdvancedScaleEstimationParameters,
    method_parameters.GPTQ: advanced.AdvancedGPTQParameters,
    method_parameters.LoraCorrection: advanced.AdvancedLoraCorrectionParameters,
    method_parameters.AdaptiveCodebook: advanced.AdvancedAdaptiveCodebookParameters,
    method_parameters.AdvancedCompression: advanced.AdvancedCompressionParameters,
}
"""`Quantizer` is also `FP8QuantizationParameters`, where it says a `destination_type`."""
