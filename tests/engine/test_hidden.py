"""A library that is hidden is as if it were not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ovtui.engine.libraries.hidden import hidden


def test_it_cannot_be_imported_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with hidden("colorsys"), pytest.raises(ModuleNotFoundError, match="colorsys"):
        import colorsys
    import colorsys

    with hidden("colorsys"):
        import colorsys  # it is loaded

    assert colorsys.rgb_to_hls


def test_a_compression_leaves_pytorch_alone() -> None:
    code = (
        "import sys\n"
        "from ovtui.engine.libraries.hidden import hidden\n"
        "with hidden('torch'):\n"
        "    import ovtui.engine.compression.compress, nncf, openvino as ov\n"
        "    from openvino import opset13 as ops\n"
        "    tokens = ops.parameter([1, 4], float)\n"
        "    weights = ops.constant([[1.0] * 4] * 4, dtype='float32')\n"
        "    it = ops.matmul(ops.convert(tokens, 'f32'), weights, False, True)\n"
        "    nncf.compress_weights(ov.Model([it], [tokens]))\n"
        "    assert 'torch' not in sys.modules\n"
        "import torch\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
