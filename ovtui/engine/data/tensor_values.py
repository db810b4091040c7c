"""Values of PyTorch's tensors as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def array_of(tensor: Any) -> np.ndarray:
    """Returns a tensor's values, wherever it is; those of bfloat16, which numpy lacks, as
    float32.
    """
    import torch

    tensor = tensor.detach().cpu()
    found: np.ndarray = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return found
