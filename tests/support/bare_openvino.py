"""What OpenVINO alone gives, to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from ovtui.engine.data.spool import Arrays


def answers(path: Path, samples: list[Arrays], **properties: Any) -> list[list[np.ndarray]]:
    """Each sample's outputs, from a request of its own."""
    compiled = ov.Core().compile_model(path, "CPU", properties)
    outputs = []
    for sample in samples:
        request = compiled.create_infer_request()
        request.infer(sample)
        outputs.append([np.array(tensor.data) for tensor in request.output_tensors])
    return outputs
