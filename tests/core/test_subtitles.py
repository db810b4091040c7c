"""Subtitles: times, escapes, and what is left out."""

from __future__ import annotations

from ovtui.core.reports.subtitles import Cue, cues, srt, vtt
from ovtui.core.results.prediction import Segment


def segment(start: float, end: float, text: str) -> Segment:
    return Segment(start=start, end=end, text=text)


def test_srt() -> None:
    segments = [segment(0, 1.2345, " Hello,\n humans. "), segment(3723.0004, 360000.5, "two")]
    assert srt(segments) == (
        "1\n00:00:00,000 --> 00:00:01,234\nHello, humans.\n\n"
        "2\n01:02:03,000 --> 100:00:00,500\ntwo\n\n"
    )


def test_vtt() -> None:
    assert vtt([segment(0.9996, 2, "a")]) == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\n\n")
    assert vtt([]) == "WEBVTT\n\n"


def test_cues_follow_each_other() -> None:
    found = cues(
        [segment(2, 4, "b"), segment(0, 2.5, "a"), segment(3, 3.9, "hidden"), segment(4, 5, " ")]
    )
    assert found == [Cue(0, 2500, "a"), Cue(2500, 4000, "b")]


def test_text_is_never_markup() -> None:
    hostile = [segment(0, 1, "<i>x</i> {\\an8} & 1 < 2 --> 00:00 \x1b[31m\u2028")]
    assert "&lt;i&gt;x&lt;/i&gt;" in vtt(hostile) and "&amp; 1 &lt; 2 --&gt;" in vtt(hostile)
    lines = srt(hostile).splitlines()
    assert lines[2] == "<\u2060i>x<\u2060/i> {\u2060\\an8} & 1 < 2 -> 00:00 \\x1b[31m"
    assert len(lines) == 4
