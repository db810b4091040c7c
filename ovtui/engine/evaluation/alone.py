"""What fresh requests of the written file give for single samples, and what equals it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ovtui.engine.data.spool import Spool
from ovtui.engine.models.executed_precision import inference_precision
from ovtui.engine.models.inference import CHECKED, difference, differing, infer_alone, with_rank
from ovtui.engine.models.padding import Padding, infer_padded

if TYPE_CHECKING:
    import openvino as ov

_EXACT = 1e-4
"""Of the largest value, for sums of f32 in another order: 3e-7 was seen (CLIP in batches of 8)."""
_STEP = 1 / 127
"""Of the largest value, one step of 8 bits: what rounds the other way at a tie moves by one. 2e-3
was seen (INT8 CLIP in batches of 8); bf16 has as many digits."""
LOW_BITS = {"i8", "u8", "i4", "u4", "i2", "u2", "nf4", "f4e2m1", "f8e4m3", "f8e5m2"}


class Alone:
    """The outputs of a few samples, each from a fresh request that is given it alone.

    Args:
        compiled: the written file, with the properties that the variant is executed with.
        model: the file as an `ov.Model`.
        samples: the evaluation's inputs.
        kept: indices of the outputs that are evaluated.
        padding: how texts are padded where the variant asks for it.
    """

    def __init__(
        self,
        compiled: ov.CompiledModel,
        model: ov.Model,
        samples: Spool,
        kept: Sequence[int],
        padding: Padding | None = None,
    ) -> None:
        self.positions = differing(samples, CHECKED)
        self.samples = [samples[position] for position in self.positions]
        self.tolerance = rounding(compiled, model)
        """Largest difference, relative to an output's largest value, that rounding explains."""
        self.exact = self.tolerance == _EXACT
        """Nothing is calculated in fewer bits than f32."""
        ports = model.outputs
        infer = partial(infer_alone, compiled)
        outputs = [infer_padded(infer, sample, ports, padding) for sample in self.samples]
        self._outputs = [
            {str(index): with_rank(given[index], ports[index]) for index in kept}
            for given in outputs
        ]

    def difference(self, outputs: Sequence[Mapping[str, np.ndarray]]) -> float:
        """Returns the largest difference, relative to an output's largest value.

        Args:
            outputs: of the same samples, by the index of the output, in the shapes that the file
                gives.
        """
        return max(
            difference(got.get(name), want)
            for got, wanted in zip(outputs, self._outputs, strict=True)
            for name, want in wanted.items()
        )

    def difference_of_written(self, outputs: Spool) -> float:
        """Returns the same difference, of what was written for all samples."""
        return self.difference([outputs[position] for position in self.positions])


def rounding(compiled: ov.CompiledModel, model: ov.Model) -> float:
    """Returns the largest difference that the executed precision's rounding explains.

    Args:
        compiled: whose floating-point operations run in one precision.
        model: the same as an `ov.Model`, which shows what is in fewer bits.
    """
    exact = inference_precision(compiled) == "f32" and not any(map(_is_rounded, model.get_ops()))
    return _EXACT if exact else _STEP


def _is_rounded(operation: ov.Node) -> bool:
    kind = operation.get_type_name()
    if kind == "FakeQuantize":
        return True
    return kind == "Constant" and operation.get_element_type().to_string() in LOW_BITS
