"""Which recipe for a model: those that fit first, the others with the reason, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from ovtui.tui import keys
from ovtui.tui.screens.form import Form
from ovtui.tui.text import FAINT, GOOD, STRONG, cell, line, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    pass

NEW = "new recipe"
"""The key of the row that is none of the recipes."""
_COLUMNS = (
    Column("recipe", 24, sorts=False),
    Column("fits", 12, sorts=False),
    Column("why", 30, sorts=False, grows=True),
)


class Offer(NamedTuple):
    """A recipe, and why it does not fit the model."""

    name: str
    about: str
    """Its task and where it comes from."""
    own: bool
    """It starts from this very model."""
    why_not: str


class RecipeChoice(Form[str | None]):
    """A list to choose a recipe's path, or `NEW`, from."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("choice")]
    SECTIONS = ("list", "choice")
    HELP_SECTIONS = ("choice", "list")
    PLACEHOLDER = "words that a row has"

    def __init__(self, model: str, offers: dict[str, Offer], *, can_be_new: bool) -> None:
        """A choice.

        Args:
            model: its name.
            offers: recipes by path.
            can_be_new: the model is a file or folder, which a recipe can be written for.
        """
        super().__init__(_COLUMNS, ["No recipe has these words."])
        self._model = model
        self._offers = dict(sorted(offers.items(), key=lambda it: _rank(it[1])))
        self._new = [NEW] if can_be_new else []

    def begin(self) -> None:
        """Fills the list."""
        self._show("")

    def _show(self, words: str) -> None:
        wanted = words.lower().split()
        kept = [
            path
            for path, offer in self._offers.items()
            if all(word in " ".join([offer.name, offer.about]).lower() for word in wanted)
        ]
        fitting = [path for path in kept if not self._offers[path].why_not]
        others = [path for path in kept if self._offers[path].why_not]
        self._rows.show([*fitting, *self._new, *others])

    def _heading(self, width: int) -> list[Text]:
        count = sum(not offer.why_not for offer in self._offers.values())
        counted = f"{count} of {len(self._offers)} recipes fit"
        return [line(("which recipe for ", FAINT), (self._model, STRONG)), line((counted, FAINT))]

    def _cells(self, key: str) -> Sequence[Text]:
        if key == NEW:
            return [line(("+ new recipe", STRONG)), cell(""), cell("for this model and your data")]
        offer = self._offers[key]
        if offer.why_not:
            return [cell(offer.name, FAINT), line(("·", FAINT)), cell(offer.why_not, FAINT)]
        about = f"its own model; {offer.about}" if offer.own else offer.about
        return [cell(offer.name), line(("✓ fits", GOOD)), cell(about)]

    def _lines(self, width: int) -> list[Text]:
        key = self._rows.key
        if key is None or key == NEW:
            about = "looks at the model and your data, and proposes all of a recipe"
        else:
            offer = self._offers[key]
            about = f"{offer.about}: {offer.why_not}" if offer.why_not else offer.about
        return wrapped(about, width, FAINT)

    @on(Rows.Chosen)
    def _choose(self, event: Rows.Chosen) -> None:
        self.dismiss(event.key)

    def action_new(self) -> None:
        """Chooses a new recipe for this model."""
        if self._new:
            self.dismiss(NEW)

    def action_filter(self) -> None:
        """Has words typed that a row must have."""
        self.type_into(self.input.value)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _keep(self) -> None:
        self.stop_typing()

    def leave_field(self) -> None:
        """Clears the filter."""
        self.input.value = ""
        self.stop_typing()

    def action_leave(self) -> None:
        """Chooses nothing."""
        self.dismiss(None)


def _rank(offer: Offer) -> tuple[bool, bool, str]:
    """Recipes of this very model first, those that do not fit last."""
    return bool(offer.why_not), not offer.own, offer.name
