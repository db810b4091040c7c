"""What a model says of a sample: a structure for each kind, which shows itself.

A further kind is a structure here and its place in `Prediction`. The dashboard shows its answer as
text; what it draws otherwise is a case in `ovtui/tui/pages/prediction.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from ovtui.core.results.class_regions import Region, SmallMap, mean_iou
from ovtui.core.results.objects import SAME_IOU, DetectedObject, changes

_REGIONS = 5
"""Classes of a mask that its answer names, the largest."""


class _Prediction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What all kinds have; in `result.json` the key `kind` tells which one it is."""

    if TYPE_CHECKING:

        @property
        def answer(self) -> str:
            """The answer in one short line; each kind has its own."""

    @property
    def in_words(self) -> str:
        """The answer with what the model tells of it, such as how sure it is."""
        return self.answer

    @property
    def is_gradable(self) -> bool:
        """Whether the answer is right or wrong, other than near or far."""
        return True

    def differs(self, other: _Prediction) -> bool:
        """Whether a person reads another answer."""
        return self.answer != other.answer

    def beside(self, baseline: _Prediction) -> list[str]:
        """The words of the answer; what the baseline says otherwise is in brackets."""
        return _marked(baseline.answer, self.answer)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A class and its probability, 0 to 1."""

    label: str
    score: float


class ClassPrediction(_Prediction, frozen=True, kw_only=True, tag="class"):
    """One of several classes."""

    label: str
    score: float | None = None
    """Its probability, 0 to 1; None where the model tells the class alone."""
    top: list[Candidate] = []
    """The likeliest classes, this one first."""

    @property
    def answer(self) -> str:
        return self.label

    @property
    def in_words(self) -> str:
        return self.label if self.score is None else f"{self.label} ({self.score:.1%})"

    @property
    def candidates(self) -> list[Candidate]:
        """Classes whose probability is known, the likeliest first."""
        if self.top or self.score is None:
            return self.top
        return [Candidate(label=self.label, score=self.score)]


class TextPrediction(_Prediction, frozen=True, kw_only=True, tag="text"):
    """A text that the model wrote."""

    text: str

    @property
    def answer(self) -> str:
        return self.text


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a transcript, from one second of the recording to another."""

    start: float
    end: float
    text: str


class TranscriptPrediction(_Prediction, frozen=True, kw_only=True, tag="transcript"):
    """What was heard in a recording, with its times."""

    text: str
    segments: list[Segment]

    @property
    def answer(self) -> str:
        return self.text


Number: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | None
"""A value of an array; None in a file is NaN or infinity, which JSON has no words for."""


class NumbersPrediction(_Prediction, frozen=True, kw_only=True, tag="numbers"):
    """Numbers that are near or far from what is right, such as a similarity."""

    values: list[Number]

    @property
    def answer(self) -> str:
        return ", ".join(map(str, self.values))

    @property
    def is_gradable(self) -> bool:
        return False


class OutputSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of a model's outputs: its first values, and how near it is to the baseline's."""

    shape: list[int]
    values: list[Number]
    lowest: float | None = None
    highest: float | None = None
    cosine: float | None = None
    """With the baseline's; None of one value, where it would be the sign."""
    max_abs_difference: float | None = None
    """From the baseline's; None for the baseline, and where the shapes differ."""

    @property
    def in_words(self) -> str:
        """Shape, first values and nearness, as in `[4]: 0.1, 0.2, … (off by 0.01)`."""
        values = [math.nan if value is None else value for value in self.values]
        more = ", …" if len(values) < math.prod(self.shape) else ""
        text = f"{self.shape}: {', '.join(f'{value:.4g}' for value in values)}{more}"
        if self.max_abs_difference is None:
            return text
        near = "" if self.cosine is None else f"cosine {self.cosine:.4f}, "
        return f"{text} ({near}off by {self.max_abs_difference:.3g})"


class ArraysPrediction(_Prediction, frozen=True, kw_only=True, tag="arrays"):
    """All outputs of a model on arrays."""

    label: str | None = None
    """The class with the highest score, where a metric asks for classes."""
    values: list[Number]
    """First values of the first output."""
    outputs: dict[str, OutputSummary]

    @property
    def answer(self) -> str:
        if self.label is not None:
            return self.label
        return "; ".join(f"{name} {output.in_words}" for name, output in self.outputs.items())

    @property
    def is_gradable(self) -> bool:
        return self.label is not None


class DetectionPrediction(_Prediction, frozen=True, kw_only=True, tag="objects"):
    """The objects in a picture: those that a model is sure enough of, or that are there."""

    objects: list[DetectedObject]
    """The surest first."""

    @property
    def answer(self) -> str:
        """How many of each class, as in `2× frog, 1× ship`."""
        counts = Counter(it.label for it in self.objects)
        return ", ".join(f"{count}× {label}" for label, count in counts.most_common()) or "nothing"

    @property
    def in_words(self) -> str:
        """The same with scores, as in `2× frog (98%, 91%), 1× ship (70%)`."""
        parts = []
        for label, count in Counter(it.label for it in self.objects).most_common():
            scores = [it.score for it in self.objects if it.label == label]
            sure = ", ".join(f"{score:.0%}" for score in scores if score is not None)
            parts.append(f"{count}× {label} ({sure})" if sure else f"{count}× {label}")
        return ", ".join(parts) or "nothing"

    def differs(self, other: _Prediction) -> bool:
        """Returns whether one of the two has an object that the other has not."""
        if not isinstance(other, DetectionPrediction):
            return True
        changed = changes(self.objects, other.objects)
        return bool(changed.lost or changed.gained)

    def beside(self, baseline: _Prediction) -> list[str]:
        """Returns how many of each class there are, then objects lost and gained in brackets."""
        if not isinstance(baseline, DetectionPrediction):
            return super().beside(baseline)
        changed = changes(self.objects, baseline.objects)
        return [
            *self.answer.split(),
            *(f"[-{it.in_words}-]" for it in changed.lost),
            *(f"[+{it.in_words}+]" for it in changed.gained),
        ]


class MaskPrediction(_Prediction, frozen=True, kw_only=True, tag="mask"):
    """The class of every pixel of a picture."""

    regions: list[Region]
    """The largest first."""
    map: SmallMap
    changed: float | None = None
    """Share of the pixels that the baseline says otherwise of; None of its own, and of a right
    answer."""

    @property
    def answer(self) -> str:
        """Each class with its share of the pixels, as in `sky 41.2%, road 30.0%`."""
        named = [f"{it.label} {it.share:.1%}" for it in self.regions[:_REGIONS]]
        more = len(self.regions) - _REGIONS
        return ", ".join([*named, f"{more} more"] if more > 0 else named) or "nothing"

    @property
    def is_gradable(self) -> bool:
        return False

    def differs(self, other: _Prediction) -> bool:
        """Returns whether classes share less than half of their union with the other's."""
        if not isinstance(other, MaskPrediction):
            return True
        shared = mean_iou((self.regions, self.map.regions), (other.regions, other.map.regions))
        return super().differs(other) if shared is None else shared < SAME_IOU

    def beside(self, baseline: _Prediction) -> list[str]:
        """Returns classes with their shares, then how many pixels changed in brackets."""
        changed = [f"[+{self.changed:.1%} of the pixels changed+]"] if self.changed else []
        return [*self.answer.split(), *changed]


class OtherPrediction(_Prediction, frozen=True, kw_only=True, tag="other"):
    """What fits no structure, as of a newer version, or of a file that was changed by hand."""

    value: Any

    @property
    def answer(self) -> str:
        return str(self.value)


Prediction: TypeAlias = (
    ClassPrediction
    | TextPrediction
    | TranscriptPrediction
    | NumbersPrediction
    | ArraysPrediction
    | DetectionPrediction
    | MaskPrediction
    | OtherPrediction
)

_UNTAGGED = (
    ArraysPrediction,
    ClassPrediction,
    TranscriptPrediction,
    TextPrediction,
    NumbersPrediction,
)
"""Kinds that older runs kept without `kind`. The first that fits is the one: some outputs also have
a label, and all transcripts a text."""


def read_prediction(value: Any) -> Prediction:
    """Returns a prediction from plain data, whichever version of ovtui wrote it; never an error."""
    if isinstance(value, Prediction):
        return value
    kinds = (Prediction,) if isinstance(value, dict) and "kind" in value else _UNTAGGED
    for kind in kinds:
        try:
            prediction: Prediction = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            continue
        return prediction
    return OtherPrediction(value=value)


def _marked(before: str, after: str) -> list[str]:
    """The words of a text, with brackets around what another says otherwise: [-b-] [+a+].

    Args:
        before: the text that is compared with.
        after: the text whose words are returned; what it lacks stands before its next word.
    """
    import difflib  # 5 ms that only a comparison costs

    old, words = before.split(), after.split()
    gone = ""
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, words.copy()).get_opcodes():
        if kind == "equal":
            words[c] = gone + words[c]
            gone = ""
            continue
        gone = f"[-{' '.join(old[a:b])}-] " if a < b else ""
        if c < d:
            words[c] = f"{gone}[+{words[c]}"
            words[d - 1] += "+]"
            gone = ""
    return words + ([gone.strip()] if gone else [])
