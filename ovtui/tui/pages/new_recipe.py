"""What is said of a new recipe's value, and of the sample that it was tried on, as lines."""

from __future__ import annotations

from rich.text import Text

from ovtui.core.asking.new_recipe import Tried
from ovtui.core.recipes.recipe_text import Decision
from ovtui.tui.text import BAD, FAINT, GOOD, WARN, line, wrapped

_LEAD = 12


def reason(decision: Decision | None, width: int) -> list[Text]:
    """Says why a value was proposed; a guess is told as one.

    Args:
        decision: about the value; None where there is none.
        width: of the lines, in cells.
    """
    if decision is None or not decision.reason:
        return []
    if decision.uncertain:
        return wrapped(decision.reason, width, WARN, lead="? a guess: ")
    return wrapped(decision.reason, width, FAINT)


def sample(tried: Tried | None, doing: str, width: int) -> list[Text]:
    """Says what the baseline answers of one sample, or what is being done meanwhile.

    Args:
        tried: its answer; None where there is none yet.
        doing: said then.
        width: of the lines.
    """
    if tried is None:
        return [line((doing, FAINT))]
    if tried.error:
        return wrapped(tried.error, width, BAD, lead="✗ ")
    given = ", ".join(f"{name} {what}" for name, what in tried.inputs.items())
    words = "; ".join(f"{name}: {what}" for name, what in tried.shown.items())
    facts = {
        "one sample": given,
        "row": words,
        "prediction": tried.prediction.in_words if tried.prediction else "",
        "right": "" if tried.reference is None else str(tried.reference),
    }
    lines = [line(("✓ ", GOOD), "works on one sample")]
    for label, text in facts.items():
        lines += wrapped(text, width, lead=f"{label:<{_LEAD}}")[:2] if text else []
    for warning in tried.warnings:
        lines += wrapped(warning, width, WARN, lead="! ")
    return lines
