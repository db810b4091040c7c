"""Pieces of an HTML page: escaped text, tables, figures, the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ovtui.core.reports.table import ABSENT, Column, Row
from ovtui.core.text.foreign import plain

CSS = """
:root{color-scheme:light dark;--page:#fff;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;
--panel:#f6f8fa;--accent:#2563eb;--pass:#1a7f37;--fail:#cf222e;--unsure:#9a6700}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--faint:#9198a1;
--line:#3d444d;--panel:#151b23;--accent:#6ea8fe;--pass:#3fb950;--fail:#ff7b72;--unsure:#d29922}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:72rem;background:var(--page);
color:var(--text);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
td,th{overflow-wrap:break-word}
h1{font-size:1.6rem;margin:0 0 1rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:0}
dt{color:var(--faint)}dd{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}
th{white-space:nowrap;font-weight:600}th small{display:block;color:var(--faint);
font-weight:400}
.number{text-align:right;white-space:nowrap}
.charts{margin-top:1.2rem;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem}
figure{margin:0;padding:.8rem 1rem;background:var(--panel);border-radius:8px}
figure.wide{grid-column:1/-1}
figcaption{font-weight:600;margin-bottom:.4rem}figcaption small{color:var(--faint);
font-weight:400}
svg{max-width:100%;height:auto;--page:var(--panel)}
section{padding:.2rem 1rem 1rem;margin-top:1rem;background:var(--panel);border-radius:8px}
section h2{margin-top:.8rem}
.verdict{font-size:.8rem;padding:.1rem .6rem;border:1.5px solid;border-radius:99px;
margin-left:.6rem;white-space:nowrap}
.pass{color:var(--pass)}.fail{color:var(--fail)}.not-enough-samples{color:var(--unsure)}
.result{font-size:1.1rem;margin:0 0 1.4rem}
.samples img{display:block;max-width:12rem;max-height:9rem;image-rendering:pixelated}
.picture{position:relative;width:max-content;max-width:100%}
.picture svg{position:absolute;inset:0;width:100%;height:100%;overflow:hidden}
.picture rect{fill:none;stroke-width:2px;vector-effect:non-scaling-stroke}
.picture path{fill-opacity:.8}
.whose{background:#444;color:#fff;font-size:.75rem;padding:0 .4rem;width:max-content;max-width:100%}
.whose span{border-left:.6rem solid var(--of);padding-left:.2rem;margin-right:.4rem}
.heat{display:inline-block;min-width:5em;padding:0 .5em;
background:color-mix(in srgb,var(--accent) var(--tint),transparent)}
summary{cursor:pointer;margin:.6rem 0}
.warnings{border-left:4px solid var(--unsure);padding:.2rem 1rem;margin:1.2rem 0}
""".strip()


def safe(text: str) -> str:
    """Returns foreign text, escaped for a page."""
    return escape(plain(text))


def table(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Returns a table of foreign text."""
    cells = [["" if cell is None else safe(cell) for cell in row] for row in rows]
    return table_of(columns, [[cell or ABSENT for cell in row] for row in cells])


def table_of(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table whose cells are HTML."""
    classes = [' class="number"' if column.numeric else "" for column in columns]
    head = "".join(
        f"<th{of}>{safe(column.title)}<small>{safe(column.unit)}</small></th>"
        for column, of in zip(columns, classes, strict=True)
    )
    lines = []
    for row in rows:
        cells = zip(row, classes, strict=True)
        shown = "".join(f"<td{of}>{cell}</td>" for cell, of in cells)
        lines.append(f"<tr>{shown}</tr>")
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def figure(title: str, note: str, chart: str, kind: str = "") -> str:
    """Returns a chart with its title and a note beside it.

    Args:
        title: foreign text.
        note: foreign text beside it.
        chart: SVG.
        kind: CSS class of the figure.
    """
    caption = f"{safe(title)} <small>{safe(note)}</small>"
    return f'<figure class="{kind}"><figcaption>{caption}</figcaption>{chart}</figure>'
