"""One run as lines: stages, live steps, memory, results as they are measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.text import Text

from ovtui.core.reports.component_table import component_rows, component_table
from ovtui.core.reports.numbers import change, interval, metric, size, speed
from ovtui.core.reports.summary import table_of_variants
from ovtui.core.reports.variant_table import metric_title
from ovtui.core.reports.wording import overview, sections
from ovtui.core.results.choice import headline
from ovtui.core.results.result import Result
from ovtui.core.runs import events
from ovtui.core.runs.course import Course
from ovtui.core.runs.run_folder import Run, State
from ovtui.core.runs.run_progress import RunProgress, Stage, StageState
from ovtui.core.runs.waiting import waiting
from ovtui.core.text.cells import pad, shorten, shorten_apart
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import human_bytes, human_count, human_rate, human_seconds
from ovtui.tui.charts import Bar, bars, colour, letter, share_bar
from ovtui.tui.pages.resources import curves
from ovtui.tui.run_index import RunFacts
from ovtui.tui.signs import DAMAGED, STAGES, STATES, VERDICTS, Sign
from ovtui.tui.text import BAD, FAINT, LIVE, STRONG, WARN, cell, line, wrapped

_QUIET_SECONDS = 30
_BAR = 14


def sign(facts: RunFacts) -> Sign:
    """Returns the state's glyph and word."""
    return DAMAGED if facts.state is None else STATES[facts.state]


def without_result(facts: RunFacts) -> str:
    """Returns why there is nothing of a run to compare or to look at."""
    if facts.alive:
        return f"{facts.name} has no result yet: it is {facts.state} ({facts.id})"
    if facts.state is State.DONE:
        return f"{facts.name}: its result.json cannot be read ({facts.id})"
    ended = f"{facts.name} has no result: {sign(facts).word} ({facts.id})"
    return f"{ended}: {facts.reason}" if facts.reason else ended


def news(
    facts: RunFacts,
    progress: RunProgress | None,
    result: Result | None,
    whole: Course | None = None,
) -> Text:
    """Returns a run in a few words: what it is doing, or what it found out.

    Args:
        facts: of the run's folder.
        progress: of a living run, by its events.
        result: of one that is done.
        whole: how far it is, where earlier runs tell.
    """
    if progress is not None and facts.alive:
        return _doing(progress, whole)
    if facts.reason:
        return cell(facts.reason)
    best = headline(result) if result else None
    if result is None or best is None:
        return cell("")
    words: list[str] = []
    if best.accuracy_delta is not None:
        words.append(f"{_lower_is_better(result)}{change(best.accuracy_delta)}")
    if best.speedup is not None and best.precisions:
        words.append(speed(best.speedup))
    if best.compression is not None:
        words.append(size(best.compression))
    summary = line("  ".join([*words, best.variant]))
    if best.verdict is not None:
        summary = line(VERDICTS[best.verdict].text, "  ", summary)
    return summary


def started(created: str, now: datetime) -> str:
    """Returns when a run began: the time of today's, the day of this year's, the year of others."""
    try:
        began = datetime.fromisoformat(created).astimezone()
    except ValueError:
        return ""
    if began.date() == now.date():
        return began.strftime("%H:%M")
    return began.strftime("%d %b" if began.year == now.year else "%Y")


def _lower_is_better(result: Result) -> str:
    """The metric's name where a rise of it is no gain; empty where it is."""
    name, lower = metric_title(result)
    return f"{name} " if lower else ""


def _doing(progress: RunProgress, whole: Course | None) -> Text:
    """What it waits for, or how far the whole of it is: what a step counts begins anew often."""
    if progress.queued:
        return line(waiting(progress.queued, advice=False))
    if not progress.running:
        return line("preparing")
    stage = f"{progress.finished}/{len(progress.stages)} {progress.running[-1].name}"
    return line(f"{_whole(whole)}  {stage}" if whole else stage)


def _whole(whole: Course) -> str:
    """Of a whole run, as in `41 %  ~38 s left`."""
    return f"{100 * whole.share:.0f} %  ~{_clock(whole.left)} left"


class Known(NamedTuple):
    """What is known of a run."""

    run: Run
    """Of which more is read only where it failed."""
    facts: RunFacts
    progress: RunProgress
    """From its events."""
    result: Result | None
    whole: Course | None
    """How far all of it is, where earlier runs tell."""
    again: str = ""
    """Of one that died: what runs it again."""


def page(known: Known, now: float, width: int) -> list[Text]:
    """Returns everything about a run.

    Args:
        known: what is known of it.
        now: seconds since the epoch.
        width: cells of a line.
    """
    run, facts, progress, result, whole, _ = known
    lines = [line((shorten(facts.name, width), STRONG)), line((shorten(facts.id, width), FAINT))]
    lines += wrapped(facts.model, width, FAINT) if facts.model else []
    lines += [line(sign(facts).text, f"  {facts.device}  {_elapsed(facts, progress, now)}")]
    lines += _outcome(known, width)
    if result is not None:
        lines += [line(), *_result_lines(result, width)]
        lines += [line(), line(("Stages", STRONG)), *_stages(progress, now, width)]
        return [*lines, *_curves(progress, progress.last_event or now, width)]
    if facts.alive and progress.queued:
        lines += [line(), *_waits(progress.queued, run, width)]
    if facts.alive and whole is not None:
        lines += [line("all stages  ", share_bar(whole.share, _BAR), f" {_whole(whole)}")]
    lines += [line(), *_stages(progress, now, width)]
    if facts.alive:
        lines += [line(), *_pulse(facts, progress, now, width)]
    lines += _curves(progress, now if facts.alive else progress.last_event or now, width)
    if progress.measured:
        lines += [line(), line(("First results", STRONG)), *_measured(progress.measured, width)]
    lines += _warnings(progress.warnings, width)
    return lines


def _waits(queued: events.Queued, run: Run, width: int) -> list[Text]:
    """What a run waits for, whose that is, since when, and how to go on."""
    here = bool(queued.run) and (run.folder.parent / queued.run).is_dir()
    lines = wrapped(waiting(queued, advice=not here), width, LIVE)
    return [*lines, line(("it is in this list: cancel it there", FAINT))] if here else lines


def _elapsed(facts: RunFacts, progress: RunProgress, now: float) -> str:
    if progress.began is None:
        return ""
    end = now if facts.alive else progress.last_event or progress.began
    return _clock(end - progress.began)


def _outcome(known: Known, width: int) -> list[Text]:
    facts = known.facts
    match known.progress.outcome:
        case events.Failed(message=message):
            return [line(), *wrapped(message, width, BAD, lead="✗ ")]
    if facts.state is State.DIED:
        why = ["its engine was killed from outside, or the machine went down"]
        text = "; ".join([*why, known.again] if known.again else why)
        tail = [cell(f"  {row}") for row in known.run.log_tail(5)]
        return [line(), *wrapped(f"{text}. The end of its log:", width, BAD, lead="✗ "), *tail]
    if facts.state is None:
        return [line(), *wrapped("run.json is missing or damaged", width, BAD)]
    return []


def _result_lines(result: Result, width: int) -> list[Text]:
    """The table of variants, what was found of each, where it comes from."""
    lines = [cell(text) for text in table_of_variants(result, width)] if result.variants else []
    if parts := component_rows(result):
        lines += [line(), *map(cell, component_table(parts, width))]
    for _, heading, findings, verdict in sections(result):
        lines += [line(), *wrapped(heading, width, STRONG)] if findings else []
        for label, text in findings:
            verdict_style = VERDICTS[verdict].style if verdict and label == "verdict" else ""
            lines += wrapped(text, width, verdict_style, lead=f"  {label:<16}")
    lines += _warnings(result.warnings, width)
    lines.append(line())
    for label, text in overview(result):
        lines += wrapped(text, width, lead=f"{label:<12}")
    return lines


def _stages(progress: RunProgress, now: float, width: int) -> list[Text]:
    names = [plain(stage.name) for stage in progress.stages]
    widest = min(max(map(len, names), default=0), 28, width // 3)
    short = [pad(name, widest) for name in shorten_apart(names, widest)]
    pairs = zip(progress.stages, short, strict=True)
    return [row for stage, name in pairs for row in _stage(stage, name, now, width)]


def _stage(stage: Stage, name: str, now: float, width: int) -> list[Text]:
    mark = STAGES[stage.state]
    lead = line((f"{mark.glyph} ", mark.style), name, "  ")
    match stage.state:
        case StageState.CACHED:
            return [line(lead, ("cached", FAINT))]
        case StageState.DONE:
            peak = f"  peak {human_bytes(stage.peak_bytes)}" if stage.peak_bytes else ""
            return [line(lead, human_seconds(stage.seconds or 0), (peak, FAINT))]
        case StageState.RUNNING if stage.step is None:
            began = "" if stage.began is None else _clock(now - stage.began)
            return [line(lead, began)]
        case StageState.RUNNING | StageState.STOPPED if stage.step is not None:
            numbers = _numbers(stage.step, live=stage.state is StageState.RUNNING)
            bar = min(_BAR, width - lead.cell_len - len(numbers) - 1)
            drawn = share_bar(stage.share, bar) if stage.share is not None else line()
            step = stage.step.step
            if stage.state is StageState.RUNNING and stage.step.eta:
                step += f"  ~{_clock(stage.step.eta)} left"
            return [line(lead, drawn, " ", numbers), line("    ", (step, FAINT))]
    return [lead]


def _clock(seconds: float) -> str:
    """Seconds that count up or down: whole ones."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else human_seconds(whole)


def _numbers(step: events.Progressed, *, live: bool) -> str:
    text = human_count(step.done, step.unit)
    if step.total:
        text += f"/{human_count(step.total, step.unit)}  {100 * step.done / step.total:.0f} %"
    if live and step.rate:
        text += f"  {human_rate(step.rate, step.unit)}"
    return text


def _pulse(facts: RunFacts, progress: RunProgress, now: float, width: int) -> list[Text]:
    """Whether it is alive: age of the last event, memory."""
    pulse = line()
    if progress.last_event is not None:
        age = max(0, int(now - progress.last_event))
        quiet = age > _QUIET_SECONDS and facts.state is State.RUNNING
        words = f"no news for {age} s, its engine is alive" if quiet else f"updated {age} s ago"
        pulse = line((words, WARN if quiet else ""))
    if progress.memory_now:
        used, peak = human_bytes(progress.memory_now), human_bytes(progress.memory_peak)
        return [pulse, line(f"memory now {used}, peak {peak}")]
    return [pulse]


def _curves(progress: RunProgress, now: float, width: int) -> list[Text]:
    drawn = curves(progress, width, now)
    return [line(), *drawn] if drawn else []


def _measured(measured: Mapping[str, Mapping[str, Mapping[str, Any]]], width: int) -> list[Text]:
    """First results as bars, as they come, each with its exact number."""
    lines: list[Text] = []
    for what, shown in _FIRST.items():
        rows = [
            Bar(f"{letter(place)} {variant}", *shown(values[what]), style=colour(place))
            for place, (variant, values) in enumerate(measured.items())
            if what in values
        ]
        if rows:
            metrics = dict.fromkeys(
                str(values[what].get("metric", what))
                for values in measured.values()
                if what in values
            )
            lines += [line((f"  {', '.join(metrics)}", FAINT)), *bars(rows, width)]
    return lines


def _first_accuracy(value: Mapping[str, Any]) -> tuple[float, str, str]:
    return value["value"], metric(value["value"]), f"95 % CI {interval(value['ci95'])}"


_FIRST: Mapping[str, Callable[[Mapping[str, Any]], tuple[float, str, str]]] = {
    "accuracy": _first_accuracy,
    "latency": lambda value: (value["p50_ms"], f"{value['p50_ms']:.3g} ms", ""),
    "throughput": lambda value: (value["per_second"], f"{value['per_second']:.4g}/s", ""),
}
"""Number, exact spelling and note of what an engine measures first."""


def _warnings(warnings: Sequence[str], width: int) -> list[Text]:
    if not warnings:
        return []
    lines = [line(), line(("Warnings", STRONG))]
    for warning in dict.fromkeys(warnings):
        lines += wrapped(warning, width, lead="  ! ")
    return lines
