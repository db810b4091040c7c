"""Subtitles from a transcript's segments: SubRip (SRT) and WebVTT."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ovtui.core.results.prediction import Segment
from ovtui.core.text.foreign import plain


class Cue(NamedTuple):
    """A text on the screen, in milliseconds."""

    start: int
    end: int
    text: str


def cues(segments: Iterable[Segment]) -> list[Cue]:
    """Returns the cues in order of time; each begins where the one before has ended, or later.

    Segments without text, and those whose time another has taken up, are left out.

    Args:
        segments: of a transcript, in any order.
    """
    shown: list[Cue] = []
    for segment in sorted(segments, key=lambda segment: segment.start):
        text = plain(" ".join(segment.text.split()))
        start, end = (round(seconds * 1000) for seconds in (segment.start, segment.end))
        start = max(start, shown[-1].end if shown else 0)
        if text and end > start:
            shown.append(Cue(start, end, text))
    return shown


def srt(segments: Iterable[Segment]) -> str:
    r"""Returns a transcript as SubRip: numbered cues.

    The format has no escapes: an invisible word joiner (U+2060) keeps players from taking `<i>` or
    `{\an8}` for markup, and the arrow of a time loses a dash, as OpenAI's writer has it.
    """
    return "".join(
        f"{number}\n{_span(cue, ',')}\n{_without_markup(cue.text)}\n\n"
        for number, cue in enumerate(cues(segments), 1)
    )


def vtt(segments: Iterable[Segment]) -> str:
    """Returns a transcript as WebVTT (W3C), with its escapes."""
    return "WEBVTT\n\n" + "".join(
        f"{_span(cue, '.')}\n{_escaped(cue.text)}\n\n" for cue in cues(segments)
    )


def _without_markup(text: str) -> str:
    return re.sub(r"([<{])(?=[/\\a-zA-Z])", "\\1\u2060", text.replace("-->", "->"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _span(cue: Cue, mark: str) -> str:
    return f"{_time(cue.start, mark)} --> {_time(cue.end, mark)}"


def _time(milliseconds: int, mark: str) -> str:
    """As in `01:02:03,004`; hours go on beyond 99."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{rest:03}"
