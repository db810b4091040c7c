from __future__ import annotations

import base64
import csv
import io
import re
from html.parser import HTMLParser

import msgspec
import pytest

from ovtui.core.reports.report import to_csv, to_html, to_markdown
from ovtui.core.reports.summary import summary
from tests.support.sample_result import hostile_result, sample_result

EMPTY = sample_result(variants=[], comparisons=[], stages=[], samples=[], warnings=[])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "rect", "line", "circle", "polyline", "img", "br"):
            self.open.append(tag)
        assert not {name for name, _ in attrs} & {"href", "onclick", "onload"}
        assert all(str(value).startswith("data:image/") for name, value in attrs if name == "src")

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag == self.open[-1]:
            self.open.pop()


def test_html_is_self_contained_and_escaped() -> None:
    for result in (sample_result(), hostile_result(), EMPTY):
        page = to_html(result)
        parser = _Tags()
        parser.feed(page)
        assert not parser.open
        assert "script" not in parser.tags
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page)
        assert "prefers-color-scheme:dark" in page
    assert "&lt;script&gt;alert(1)" in to_html(hostile_result())


def test_html_has_charts_with_exact_numbers() -> None:
    page = to_html(sample_result())
    assert page.count("<svg") == 6
    assert "Change of accuracy, sample by sample" in page and ">-0.0100<" in page
    for text in (
        "-0.0010 not enough samples",
        "0.9351 (0.9302–0.9397)",
        "0.980 ms, 0.9351",
        "NOT ENOUGH SAMPLES",
        "8.49",
    ):
        assert text in page


def test_html_opens_with_title_one_sentence_and_samples() -> None:
    picture = b"\x89PNG picture"
    asked: list[str] = []

    def read(name: str) -> bytes | None:
        asked.append(name)
        return picture if name == "samples/17.png" else None

    first = sample_result().samples[0]
    samples = [
        msgspec.structs.replace(first, input={"image": name})
        for name in ("samples/17.png", "samples/gone.png", "/etc/passwd")
    ]
    page = to_html(sample_result(title="Digits, in INT8", samples=samples), read)
    order = ("<h1>Digits, in INT8</h1>", "not known to keep accuracy", "<h2>Samples", "<h2>Run")
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    assert base64.b64encode(picture).decode() in page
    assert page.count("<img") == 1 and asked == ["samples/17.png", "samples/gone.png"]


def test_title_and_parameters_stand_in_every_report() -> None:
    given = {"model": {"preset": "mixed", "ignored_scope": {"types": ["Add"]}}}
    plain = sample_result(title="Digits, in INT8")
    variants = [*plain.variants[:2], msgspec.structs.replace(plain.variants[2], parameters=given)]
    result = msgspec.structs.replace(plain, variants=variants)
    told = "quantize, preset mixed, ignored_scope.types ['Add']"
    markdown = to_markdown(result).replace("\\", "")
    for text in (markdown, to_csv(result), summary(result, 120)):
        assert "Digits, in INT8" in text and told in text
    assert told.replace("'", "&#x27;") in to_html(result)


def test_markdown() -> None:
    text = to_markdown(sample_result())
    assert "| int8 | 4.39 | 0.980 | 2143 | 0.9351 | 0.9302–0.9397 |" in text
    assert "- speed-up: f32 → i8: 2.46× faster in latency" in text
    hostile = to_markdown(hostile_result())
    assert "<script>" not in hostile and "\x1b" not in hostile and "\u202e" not in hostile
    piped = sample_result()
    table = [line for line in to_markdown(piped).split("\n") if line.startswith("| int8")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {7, 14}
    assert to_markdown(EMPTY)


def test_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(sample_result()))))
    assert [row["variant"] for row in rows] == ["fp32", "bf16", "int8"]
    assert rows[2]["accuracy_delta"] == "-0.001"
    assert rows[2]["verdict"] == "not enough samples"
    assert rows[2]["speedup"] == "2.46" and rows[2]["precisions"] == "f32 → i8"
    assert rows[0]["compared_with"] == ""
    assert to_csv(EMPTY) == ""


def test_csv_has_no_formulas() -> None:
    result = hostile_result()
    rows = list(csv.DictReader(io.StringIO(to_csv(result))))
    assert rows[2]["variant"] == "'=cmd()"
    starts = {cell[:1] for row in rows for name, cell in row.items() if name in ("variant", "host")}
    assert not starts & set("=+-@\t\r")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1", "'=1"),
        ("  +1", "'  +1"),
        ("\u3000-1", "'\u3000-1"),
        ("\u200d@a", "'\u200d@a"),
        ("\u200b=1", "'\\u200b=1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        ("\N{SMALL PLUS SIGN}1", "'\N{SMALL PLUS SIGN}1"),
        ("\t=1", "'\\t=1"),
        ("\x00\udcff", "\\x00\\udcff"),
        ("int8", "int8"),
    ],
)
def test_csv_cells_and_titles_are_no_formulas(text: str, cell: str) -> None:
    result = hostile_result()
    variants = [
        msgspec.structs.replace(
            it,
            name=text,
            components=[
                msgspec.structs.replace(it.components[0], name=name) for name in ("model", text)
            ],
        )
        for it in result.variants
    ]
    rows = list(csv.reader(io.StringIO(to_csv(msgspec.structs.replace(result, variants=variants)))))
    titles = dict(zip(rows[0], rows[1], strict=True))
    assert titles["variant"] == cell
    assert not [title for title in rows[0] if title[:1] in ("=", "+", "-", "@")]
