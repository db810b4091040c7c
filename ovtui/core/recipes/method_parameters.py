"""Structures within the parameters of compression methods, named as NNCF names them.

A field that is left out keeps NNCF's own default. A test holds these structures against the
dataclasses of the installed NNCF, so that no field is missing.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Structure that refuses keys it does not know."""


class Subgraph(Strict, frozen=True, kw_only=True):
    """A part of the graph between named operations, as in `nncf.Subgraph`."""

    inputs: list[str]
    outputs: list[str]


class IgnoredScope(Strict, frozen=True, kw_only=True):
    """Operations that stay in floating point, as in `nncf.IgnoredScope`."""

    names: list[str] | None = None
    patterns: list[str] | None = None
    types: list[str] | None = None
    subgraphs: list[Subgraph] | None = None
    validate: bool | None = None


class StatisticsCollector(Strict, frozen=True, kw_only=True):
    statistics_type: (
        Literal["max", "min", "abs_max", "quantile", "abs_quantile", "mean", "raw"] | None
    ) = None
    aggregator_type: (
        Literal[
            "mean", "max", "min", "median", "mean_no_outliers", "median_no_outliers", "histogram"
        ]
        | None
    ) = None
    clipping_value: float | None = None
    quantile_outlier_prob: float | None = None


class RangeEstimator(Strict, frozen=True, kw_only=True):
    min: StatisticsCollector | None = None
    max: StatisticsCollector | None = None


class Quantizer(Strict, frozen=True, kw_only=True):
    """How activations or weights are quantized; `destination_type` selects FP8."""

    num_bits: int | None = None
    mode: (
        Literal[
            "symmetric",
            "asymmetric",
            "symmetric_lora",
            "symmetric_lora_nls",
            "asymmetric_lora",
            "asymmetric_lora_nls",
        ]
        | None
    ) = None
    signedness_to_force: bool | None = None
    per_channel: bool | None = None
    narrow_range: bool | None = None
    destination_type: Literal["f8e4m3", "f8e5m2"] | None = None


class BiasCorrection(Strict, frozen=True, kw_only=True):
    apply_for_all_nodes: bool | None = None
    threshold: float | None = None


class SmoothQuantAlphas(Strict, frozen=True, kw_only=True):
    """SmoothQuant migration strength by operation (arXiv 2211.10438); a negative value is off."""

    convolution: float | None = None
    matmul: float | None = None


class AdvancedQuantization(Strict, frozen=True, kw_only=True):
    """`nncf.AdvancedQuantizationParameters`."""

    overflow_fix: Literal["enable", "first_layer_only", "disable"] | None = None
    quantize_outputs: bool | None = None
    inplace_statistics: bool | None = None
    disable_channel_alignment: bool | None = None
    disable_bias_correction: bool | None = None
    batchwise_statistics: bool | None = None
    activations_quantization_params: Quantizer | None = None
    weights_quantization_params: Quantizer | None = None
    quantizer_propagation_rule: (
        Literal[
            "DO_NOT_MERGE_BRANCHES",
            "MERGE_IF_ALL_BRANCHES_SAME",
            "MERGE_WITH_POTENTIAL_REQUANTIZATION",
            "MERGE_ALL_IN_ONE",
        ]
        | None
    ) = None
    activations_range_estimator_params: RangeEstimator | None = None
    weights_range_estimator_params: RangeEstimator | None = None
    bias_correction_params: BiasCorrection | None = None
    smooth_quant_alphas: SmoothQuantAlphas | None = None
    smooth_quant_alpha: float | None = None
    backend_params: dict[str, Any] | None = None


class AdvancedAccuracyRestorer(Strict, frozen=True, kw_only=True):
    """`nncf.AdvancedAccuracyRestorerParameters`."""

    max_num_iterations: int | None = None
    tune_hyperparams: bool | None = None
    ranking_subset_size: int | None = None
    num_ranking_workers: int | None = None
    intermediate_model_dir: str | None = None
    restore_mode: Literal["activations_and_weights", "only_activations"] | None = None


class AWQ(Strict, frozen=True, kw_only=True):
    """Activation-aware weight quantization (arXiv 2306.00978)."""

    subset_size: int | None = None
    percent_to_apply: float | None = None
    alpha_min: float | None = None
    alpha_max: float | None = None
    steps: int | None = None
    prefer_data_aware_scaling: bool | None = None


class ScaleEstimation(Strict, frozen=True, kw_only=True):
    subset_size: int | None = None
    initial_steps: int | None = None
    scale_steps: int | None = None
    weight_penalty: float | None = None


class GPTQ(Strict, frozen=True, kw_only=True):
    """Accurate post-training quantization of generative transformers (arXiv 2210.17323)."""

    damp_percent: float | None = None
    block_size: int | None = None
    subset_size: int | None = None


class LoraCorrection(Strict, frozen=True, kw_only=True):
    adapter_rank: int | None = None
    num_iterations: int | None = None
    apply_regularization: bool | None = None
    subset_size: int | None = None
    use_int8_adapters: bool | None = None


class AdaptiveCodebook(Strict, frozen=True, kw_only=True):
    value_type: str | None = None
    across_blocks: bool | None = None
    num_elements: int | None = None


class AdvancedCompression(Strict, frozen=True, kw_only=True):
    """`nncf.AdvancedCompressionParameters`."""

    statistics_path: str | None = None
    lora_adapter_rank: int | None = None
    group_size_fallback_mode: Literal["error", "ignore", "adjust"] | None = None
    min_adjusted_group_size: int | None = None
    awq_params: AWQ | None = None
    scale_estimation_params: ScaleEstimation | None = None
    gptq_params: GPTQ | None = None
    lora_correction_params: LoraCorrection | None = None
    backend_params: dict[str, Any] | None = None
    codebook: list[float] | None = None
    adaptive_codebook_params: AdaptiveCodebook | None = None
