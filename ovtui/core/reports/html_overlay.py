"""Boxes and masks over a picture of a page, as SVG in the colours of the variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ovtui.core.reports.html_parts import safe
from ovtui.core.results.class_regions import Region, differing, outline
from ovtui.core.results.prediction import DetectionPrediction, MaskPrediction, Prediction
from ovtui.core.results.result import Sample

_RIGHT = "#9a9a9a"
"""Of the right answer; no variant's."""
_COLOURS = ("#ffffff", "#00e5ff", "#ffd400", "#ff6ad5", "#7cff4f", "#ff8c42")
"""Of variants, in their order, the baseline first: apart on dark and light pictures."""
_Answer = tuple[str, str, Prediction]
"""Whose it is, its colour, and what is said."""
_MOST = 100
"""Boxes of one answer that are drawn, the surest."""


def overlay(sample: Sample, names: Sequence[str]) -> tuple[str, str]:
    """Returns SVG that lies over a sample's picture, and which colour is whose; nothing of others.

    Args:
        sample: with every variant's answer.
        names: of the variants, the baseline first.
    """
    answers: list[_Answer] = []
    if isinstance(sample.reference, Prediction):
        answers.append(("right answer", _RIGHT, sample.reference))
    for place, name in enumerate(names):
        if said := sample.predictions.get(name):
            answers.append((name, _COLOURS[place % len(_COLOURS)], said))
    masks = [it for it in answers if isinstance(it[2], MaskPrediction)]
    boxes = [it for it in answers if isinstance(it[2], DetectionPrediction)]
    size = _map_size(masks) or _size(sample)
    shapes = "".join(_masks(masks) if masks else _boxes(boxes))
    if not shapes or size is None:
        return "", ""
    view = f"0 0 {size[0]:g} {size[1]:g}"
    drawing = f'<svg viewBox="{view}" preserveAspectRatio="none">{shapes}</svg>'
    keys = (f'<span style="--of:{it[1]}">{safe(it[0])}</span>' for it in masks or boxes)
    return drawing, f'<div class="whose">{" ".join(keys)}</div>'


def _size(sample: Sample) -> tuple[float, float] | None:
    """Width and height that boxes are counted in; None where they are not known."""
    size = sample.input.get("size")
    if isinstance(size, list) and len(size) == 2:
        width, height = size
        if isinstance(width, int | float) and isinstance(height, int | float):
            return (width, height) if min(width, height) > 0 else None
    return None


def _map_size(masks: Sequence[_Answer]) -> tuple[float, float] | None:
    """That of the maps, which all are of one picture."""
    sizes = (
        (said.map.width, said.map.height)
        for _, _, said in masks
        if isinstance(said, MaskPrediction)
    )
    return next(sizes, None)


def _boxes(answers: Sequence[_Answer]) -> Iterator[str]:
    for name, colour, said in answers:
        if not isinstance(said, DetectionPrediction):
            continue
        for it in said.objects[:_MOST]:
            left, top, right, bottom = it.box
            yield (
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(0, right - left):.1f}" '
                f'height="{max(0, bottom - top):.1f}" style="stroke:{colour}">'
                f"<title>{safe(f'{name}: {it.in_words}')}</title></rect>"
            )


def _masks(answers: Sequence[_Answer]) -> Iterator[str]:
    """Outlines of the right answer and the baseline, and what other variants changed of it."""
    baseline: tuple[Sequence[Region], bytes] | None = None
    for name, colour, said in answers:
        if not isinstance(said, MaskPrediction):
            continue
        regions, width = (said.regions, said.map.regions), said.map.width
        if baseline is None or colour == _RIGHT:
            marked = outline(regions[1], width)
        else:
            marked = differing(baseline, regions)
        if colour != _RIGHT and baseline is None:
            baseline = regions
        path = "".join(_runs(marked, width))
        yield f'<path d="{path}" style="fill:{colour}"><title>{safe(name)}</title></path>'


def _runs(marked: bytes, width: int) -> Iterator[str]:
    """Marked pixels as rectangles of a path, one for each run in a row."""
    for start in range(0, len(marked), width):
        row, at = marked[start : start + width], 0
        while (first := row.find(255, at)) >= 0:
            last = row.find(0, first)
            at = width if last < 0 else last
            yield f"M{first} {start // width}h{at - first}v1H{first}z"
