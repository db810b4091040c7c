"""Compression methods of a component and their parameters, named as NNCF names them.

A method is one structure: its fields are what a recipe may give, its class attributes what is
known before anything runs. How it is applied is a case in `engine/compression/compress.py`.

A field that is left out keeps NNCF's own default. A test holds these structures against the
signatures of the installed NNCF, so that no parameter is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec

from ovtui.core.recipes.method_parameters import (
    AdvancedAccuracyRestorer,
    AdvancedCompression,
    AdvancedQuantization,
    IgnoredScope,
    Strict,
)

Preset = Literal["performance", "mixed"]
TargetDevice = Literal["ANY", "CPU", "GPU", "NPU", "CPU_SPR"]


class _Method(Strict, frozen=True, kw_only=True, tag_field="method"):
    """What is known of every method; a recipe names it by its tag."""

    label: ClassVar[str]
    """What its graphs hold, in the list of models; a `mode` in the recipe says it better."""
    shown: ClassVar[Mapping[str, str]] = {}
    """Parameters that the start form offers, each with its title, by their path in the recipe."""
    chosen_with: ClassVar[Mapping[str, Any]] = {}
    """What it cannot do without, where the start form puts it in another's place."""
    changes: ClassVar[bool] = True
    """It makes another graph of the baseline's, as far as there is something to compress."""
    quantizes: ClassVar[bool] = False
    """It puts quantizers into a graph, which may have none: each would have a second behind it."""
    whole_models: ClassVar[bool] = False
    """It takes whole models only, no component of a pipeline."""
    needs_validation: ClassVar[bool] = False
    """It judges itself on samples with right answers."""

    @property
    def needs_calibration(self) -> bool:
        """Whether it looks at calibration samples; quantizers have their ranges from them."""
        return self.quantizes

    @property
    def allowed_drop(self) -> float | None:
        """Return the drop of the metric that it may cause, in the metric's units; None for any."""
        return None

    def for_transformer(self) -> Self:
        """Return it with `model_type`, where it has one and the recipe says nothing.

        NNCF then adds SmoothQuant, and keeps what attention needs in floating point.
        """
        if getattr(self, "model_type", "transformer") is None:
            return msgspec.structs.replace(self, model_type="transformer")
        return self


_IGNORED = {
    "ignored_scope.types": "ignored types",
    "ignored_scope.names": "ignored operations",
    "ignored_scope.patterns": "ignored patterns",
}


def _shown_of_quantization(advanced: str) -> dict[str, str]:
    """Return what the start form offers of both quantizations, whose advanced parameters differ."""
    return {
        "preset": "preset",
        "model_type": "model type",
        "fast_bias_correction": "fast bias correction",
        f"{advanced}.disable_bias_correction": "no bias correction",
        f"{advanced}.smooth_quant_alpha": "SmoothQuant alpha",
        **_IGNORED,
    }


class Unchanged(_Method, frozen=True, kw_only=True, tag="none"):
    """The component stays as it was converted."""

    label = "as it is"
    changes = False


class Quantize(_Method, frozen=True, kw_only=True, tag="quantize"):
    """`nncf.quantize`: weights and activations, calibrated."""

    label = "int8"
    shown = {**_shown_of_quantization("advanced_parameters"), "mode": "mode"}
    quantizes = True

    mode: Literal["fp8_e4m3", "fp8_e5m2"] | None = None
    preset: Preset | None = None
    target_device: TargetDevice | None = None
    subset_size: int | None = None
    """Calibration samples to use; all that were collected when left out."""
    fast_bias_correction: bool | None = None
    model_type: Literal["transformer"] | None = None
    ignored_scope: IgnoredScope | None = None
    advanced_parameters: AdvancedQuantization | None = None
    compress_rest: bool | None = None
    """Also store embedding tables that stay in floating point in 8 bits; done when left out."""
    keep_attention: bool | None = None
    """Keep attention that reads a state in floating point; done when left out."""
    keep_heads: bool | None = None
    """Keep what follows a detector's last convolutions in floating point; done when left out."""
    keep_decoder: bool | None = None
    """Keep what calculates with a detector's queries in floating point; done when left out."""


class CompressWeights(_Method, frozen=True, kw_only=True, tag="compress_weights"):
    """`nncf.compress_weights`: weights only; `dataset = true` hands it the calibration samples."""

    label = "int8 weights"
    shown = {
        "mode": "mode",
        "ratio": "ratio of low bits",
        "group_size": "group size",
        "awq": "AWQ",
        "scale_estimation": "scale estimation",
        "gptq": "GPTQ",
        "dataset": "use calibration data",
        **_IGNORED,
    }

    mode: (
        Literal[
            "int8_sym",
            "int8_asym",
            "int4_sym",
            "int4_asym",
            "int3_sym",
            "int2_sym",
            "nf4",
            "cb4",
            "mxfp4",
            "mxfp8_e4m3",
            "fp8_e4m3",
            "fp4",
            "nvfp4",
            "codebook",
            "adaptive_codebook",
        ]
        | None
    ) = None
    ratio: float | None = None
    group_size: int | None = None
    ignored_scope: IgnoredScope | None = None
    all_layers: bool | None = None
    dataset: bool | None = None
    sensitivity_metric: (
        Literal[
            "weight_quantization_error",
            "hessian_input_activation",
            "mean_activation_variance",
            "max_activation_variance",
            "mean_activation_magnitude",
        ]
        | None
    ) = None
    subset_size: int | None = None
    awq: bool | None = None
    scale_estimation: bool | None = None
    gptq: bool | None = None
    lora_correction: bool | None = None
    backup_mode: Literal["none", "int8_sym", "int8_asym", "mxfp8_e4m3", "fp8_e4m3"] | None = None
    compression_format: (
        Literal[
            "dequantize", "fake_quantize", "fake_quantize_with_lora", "fake_quantize_with_lora_nls"
        ]
        | None
    ) = None
    advanced_parameters: AdvancedCompression | None = None

    @property
    def needs_calibration(self) -> bool:
        return bool(self.dataset)


class QuantizeWithAccuracyControl(
    _Method, frozen=True, kw_only=True, tag="quantize_with_accuracy_control"
):
    """`nncf.quantize_with_accuracy_control`: puts operations back until the drop is small."""

    label = "int8 mixed"
    shown = {
        "max_drop": "allowed drop",
        **_shown_of_quantization("advanced_quantization_parameters"),
    }
    chosen_with = {"max_drop": 0.01}
    quantizes = True
    whole_models = True
    needs_validation = True

    max_drop: float
    max_seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds after which the search ends and the best model so far is kept."""
    drop_type: Literal["absolute", "relative"] | None = None
    preset: Preset | None = None
    target_device: TargetDevice | None = None
    subset_size: int | None = None
    fast_bias_correction: bool | None = None
    model_type: Literal["transformer"] | None = None
    ignored_scope: IgnoredScope | None = None
    advanced_quantization_parameters: AdvancedQuantization | None = None
    advanced_accuracy_restorer_parameters: AdvancedAccuracyRestorer | None = None
    keep_attention: bool | None = None
    """Keep attention that reads a state in floating point; done when left out."""
    keep_heads: bool | None = None
    """Keep what follows a detector's last convolutions in floating point; done when left out."""
    keep_decoder: bool | None = None
    """Keep what calculates with a detector's queries in floating point; done when left out."""

    @property
    def allowed_drop(self) -> float | None:
        return None if self.drop_type == "relative" else self.max_drop


OURS = ("compress_rest", "keep_attention", "keep_heads", "keep_decoder", "max_seconds")
"""Parameters that NNCF does not know."""
Method = Unchanged | Quantize | CompressWeights | QuantizeWithAccuracyControl


def method_name(method: Method) -> str:
    """Returns the method as a recipe names it."""
    return str(type(method).__struct_config__.tag)


def parameters(method: Method) -> dict[str, Any]:
    """Returns the parameters that were set, as plain data."""
    plain: dict[str, Any] = _without_none(msgspec.to_builtins(method))
    plain.pop("method", None)
    return plain


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value
