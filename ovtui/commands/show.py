"""`ovtui show`: one run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ovtui.commands.arguments import Parser
from ovtui.commands.fail_on import FAILED, add_fail_on, gate
from ovtui.commands.follow import ending
from ovtui.commands.layers import show_layers
from ovtui.commands.output import print_json, print_result, say, tell_trusted
from ovtui.core.asking.sample_input import with_input
from ovtui.core.recipes.task import OF_FILES
from ovtui.core.results import evaluated_rows
from ovtui.core.results.result import Sample
from ovtui.core.results.sample_changes import right_answer
from ovtui.core.runs.run_folder import Run, State, find
from ovtui.core.text.errors import UserError
from ovtui.core.text.foreign import plain


def main(arguments: Sequence[str]) -> int:
    """Shows what a run found out, or what it is doing."""
    parser = Parser("show", "Show a run: its result, or where it stands.")
    parser.add_argument(
        "run", nargs="?", default="last", help="id, unique prefix, last, or a folder"
    )
    parser.add_argument(
        "--sample", metavar="INDEX", help="what each variant says of one evaluation row"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="with --sample: read the data, and run the code, that a run made elsewhere names",
    )
    parser.add_argument(
        "--layers",
        action="store_true",
        help="the operations of compressed variants beside the baseline's: by kind, module, each",
    )
    parser.add_argument("--variant", metavar="NAME", help="with --layers: only this variant")
    add_fail_on(parser)
    parser.add_json()
    options = parser.parse(arguments)
    run = find(options.run)
    if options.sample is not None:
        return _show_sample(run, options.sample, trust=options.trust, as_json=options.json)
    result = run.result()
    if options.variant is not None and not options.layers:
        raise UserError("show: --variant goes with --layers")
    if options.layers:
        return show_layers(run, result, options.variant, as_json=options.json)
    if result is not None:
        if options.json:
            print_json(result)
        else:
            print_result(result)
        return gate(result.verdicts, options.fail_on)
    if options.json:
        print_json(_unfinished(run))
    else:
        print(plain(ending(run)))
        if run.state() in (State.FAILED, State.DIED):
            print("\n".join(f"  {plain(line)}" for line in run.log_tail()))
    return FAILED if options.fail_on else 0  # a gate does not open for a run without a result


def _show_sample(run: Run, index: str, *, trust: bool, as_json: bool) -> int:
    """Any row that was evaluated: its input, the right answer, and the variants' answers."""
    result = run.result()
    kept = {sample.id: sample for sample in result.samples} if result else {}
    sample = kept.get(index) or evaluated_rows.find(run.folder, index)
    if result and result.task in OF_FILES and index not in kept:
        sample = _with_input(run, sample, trust=trust)
    if as_json:
        print_json(sample)
        return 0
    lines = [(name, str(value)) for name, value in sample.input.items()]
    if not lines and result and result.evaluation:
        data = result.evaluation
        lines = [("input", f"row {sample.id} of {data.dataset} ({data.split})")]
    if sample.reference is not None:
        lines.append(("reference", right_answer(sample.reference)))
    lines += [(name, prediction.in_words) for name, prediction in sample.predictions.items()]
    lines.append(("changed", "yes" if sample.changed else "no"))
    widest = max(len(name) for name, _ in lines)
    print("\n".join(f"{plain(name):{widest}}  {plain(text)}" for name, text in lines))
    return 0


def _with_input(run: Run, sample: Sample, *, trust: bool) -> Sample:
    """The sample with its picture or recording; where that is not to be had, why."""
    if trust:
        tell_trusted(run)
    try:
        sample, note = with_input(run, sample, trust=trust)
    except UserError as error:
        note = f"sample {sample.id}: what was given cannot be shown: {error}"
    if note:
        say(note)
    return sample


def _unfinished(run: Run) -> dict[str, object]:
    last = run.last_event()
    outcome = run.outcome()
    return {
        "run": run.id,
        "outcome": str(run.state()),
        "folder": str(run.folder),
        "last_event": msgspec.to_builtins(last) if last else None,
        "message": getattr(outcome, "message", None),
    }
