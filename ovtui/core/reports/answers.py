"""What models say of an input of a person's own, as text; not yet safe to print."""

from __future__ import annotations

from ovtui.core.asking.ask_models import ModelAnswers, Times
from ovtui.core.results.prediction import ClassPrediction
from ovtui.core.text.cells import cell_width, pad
from ovtui.core.text.foreign import plain
from ovtui.core.text.units import three_digits

_THERE_MS = 1.0
"""A model that takes less to load was kept from an earlier question."""


def side_by_side(answers: ModelAnswers, *, probabilities: bool) -> str:
    """Returns the variants' answers, one below the other, each with the time that it took.

    Args:
        answers: what they say.
        probabilities: those of all candidates, the likeliest first.
    """
    names = {name: plain(name) for name in answers.predictions}
    widest = max(map(cell_width, names.values()))
    lines = []
    for name, prediction in answers.predictions.items():
        said = [prediction.in_words]
        if probabilities and isinstance(prediction, ClassPrediction):
            said = _probabilities(prediction)
        if name in answers.times:
            said.append(duration(answers.times[name]))
        leads = [pad(names[name], widest), *[" " * widest] * (len(said) - 1)]
        lines += [f"{lead}  {plain(text)}" for lead, text in zip(leads, said, strict=True)]
    return "\n".join(lines)


def duration(times: Times) -> str:
    """Returns how long a variant took to answer, and before that to load."""
    answered = f"answered in {_span(times.answer_ms)}"
    if times.first_ms != times.answer_ms:
        answered += f" ({_span(times.first_ms)} the first time)"
    if times.load_ms < _THERE_MS:
        return f"{answered}; it was loaded"
    return f"{answered}; loaded and compiled in {_span(times.load_ms)}"


def _span(milliseconds: float) -> str:
    """As in `31.2 ms` or `4.21 s`."""
    if milliseconds < 1000:
        return f"{three_digits(milliseconds)} ms"
    return f"{three_digits(milliseconds / 1000)} s"


def _probabilities(prediction: ClassPrediction) -> list[str]:
    """Return every candidate with its probability."""
    named = [(plain(candidate.label), candidate.score) for candidate in prediction.candidates]
    widest = max((cell_width(label) for label, _ in named), default=0)
    return [f"{pad(label, widest)}  {score:7.2%}" for label, score in named]
