"""`ovtui bench`: measure model files side by side."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from ovtui.commands.arguments import Parser, counts, positive, property_pair, shape_pair
from ovtui.commands.follow import follow
from ovtui.commands.output import say
from ovtui.core.recipes.recipe import Sweep
from ovtui.core.recipes.source import model_format
from ovtui.core.runs.request import bench_request, start
from ovtui.core.runs.run_request import Bench
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
    sweep = parser.add_argument_group(
        "sweep", "throughput at every combination; any of these asks for one"
    )
    for option, meaning in (
        ("--streams", "numbers of streams (default: powers of two up to the cores)"),
        ("--batches", "samples in a request (default: 1)"),
        ("--threads", "threads of the device (default: its own number)"),
    ):
        sweep.add_argument(option, type=counts, metavar="1,2,4", help=meaning)
    sweep.add_argument(
        "--latency-limit",
        type=positive,
        metavar="MS",
        help="the best point's requests take no longer, nine of ten",
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
        sweep=_sweep(options),
    )
    request = bench_request(bench, device=options.device, argv=sys.argv[1:])
    run = start(request)
    say(f"run {run.id}")
    return follow(run, as_json=options.json, cancel_on_interrupt=True)


def _sweep(options: Namespace) -> Sweep | None:
    """What is asked for; None where nothing of it is."""
    asked = {
        "streams": options.streams,
        "batches": options.batches,
        "threads": options.threads,
        "latency_ms": options.latency_limit,
    }
    given = {key: value for key, value in asked.items() if value is not None}
    return Sweep(**given) if given else None


def _file(text: str) -> str:
    path = Path(text).expanduser().resolve()
    if not path.is_file():
        raise UserError(f"{text}: no such file")
    if model_format(path) is None:
        raise UserError(f"{text}: expected an OpenVINO IR (.xml) or ONNX (.onnx) file")
    return str(path)
