"""`ovtui bench`: measure model files side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ovtui.commands.arguments import Parser, positive, property_pair, shape_pair
from ovtui.commands.follow import follow
from ovtui.commands.output import say
from ovtui.core.recipes.source import model_format
from ovtui.core.runs.request import bench_request, start
from ovtui.core.runs.run_folder import Bench
from ovtui.core.text.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """Measures files; the first is the baseline."""
    parser = Parser(
        "bench", "Measure IR or ONNX files in interleaved blocks; the first is the baseline."
    )
    parser.add_argument("models", nargs="+", metavar="model", help=".xml or .onnx file")
    usual = Bench(models=[])
    parser.add_device()
    parser.add_argument(
        "--hint", choices=["latency", "throughput"], help="measure only this (default: both)"
    )
    parser.add_argument(
        "--seconds", type=positive, help=f"for each model and hint (default: {usual.seconds:g})"
    )
    parser.add_argument(
        "--shape",
        type=shape_pair,
        action="append",
        default=[],
        metavar="[NAME=]1,3,224,224",
        help="shape of an input, where the model leaves it open",
    )
    parser.add_argument(
        "--property",
        type=property_pair,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="OpenVINO property, as in INFERENCE_PRECISION_HINT=f32",
    )
    parser.add_json("print result.json at the end")
    options = parser.parse(arguments)
    models = [_file(text) for text in options.models]
    if len(set(models)) < len(models):
        raise UserError("bench: the same file is named twice")
    bench = Bench(
        models=models,
        hints=[options.hint] if options.hint else usual.hints,
        seconds=options.seconds or usual.seconds,
        shapes=dict(options.shape),
        properties=dict(options.property),
    )
    request = bench_request(bench, device=options.device, argv=sys.argv[1:])
    run = start(request)
    say(f"run {run.id}")
    return follow(run, as_json=options.json, cancel_on_interrupt=True)


def _file(text: str) -> str:
    path = Path(text).expanduser().resolve()
    if not path.is_file():
        raise UserError(f"{text}: no such file")
    if model_format(path) is None:
        raise UserError(f"{text}: expected an OpenVINO IR (.xml) or ONNX (.onnx) file")
    return str(path)
