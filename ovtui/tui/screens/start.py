"""The start of a run: recipe, model, device, options, and the command line that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from ovtui.core.machine import devices
from ovtui.core.recipes import catalog
from ovtui.core.recipes.recipe_text import value_of
from ovtui.core.runs import request
from ovtui.core.runs.changed_recipe import ChangedRecipe
from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.screens.form import Form
from ovtui.tui.text import BAD, FAINT, MARKED, STRONG, WARN, cell, line, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.rows import Rows

_COLUMNS = (
    Column("option", 24, sorts=False),
    Column("value", 16, sorts=False),
)
_MODEL, _DEVICE, _SET, _VARIANT = "model", "device", "variants", "variant "
_SETS = ("own", "standard")
"""Which variants: the recipe's, or the ones worth trying on any model."""
_MEANINGS = {
    _MODEL: "another model: hub id, folder, .xml, .onnx, file.py:function",
    _DEVICE: "where everything is measured",
    _SET: "standard: int8, accurate bias correction, SmoothQuant, int8 and int4 weights",
}
_RUN, _LEAVE_OUT = "run", "leave out"
_OWN = "whether it is tried; {start.add} adds a variant that begins like this one"
_ADDED = "your own: its options are below; {start.remove} takes it away"


class Start(Form[None]):
    """A form: a row for each option, a command line below."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("start")]
    SECTIONS = ("start",)
    HELP_SECTIONS = ("start", "list")

    def __init__(self, path: str, model: str, estimate: str) -> None:
        """A form.

        Args:
            path: the recipe's file.
            model: in place of the recipe's; empty for its own.
            estimate: what an earlier run took; empty where there was none.

        Raises:
            UserError: the recipe is wrong as it is.
        """
        super().__init__(_COLUMNS)
        self._estimate = estimate
        self._device = "CPU"
        self._changed = ChangedRecipe(Path(path), model)
        self._is_naming = False
        """The name of a new variant is typed, and no value."""

    def begin(self) -> None:
        """Fills the form."""
        self._show()

    @property
    def arguments(self) -> list[str]:
        """The command line that does the same, without `ovtui`."""
        changed = self._changed
        path = changed.path
        named = catalog.is_on_path(path)
        arguments = ["run", path.stem if named else str(path), "--device", self._device]
        arguments += ["--model", changed.model] if changed.model else []
        arguments += ["--variants", "standard"] if changed.is_standard else []
        return arguments + [word for text in changed.settings for word in ("--set", text)]

    def _show(self) -> None:
        """Fill the rows from the recipe as it is changed."""
        names = self._changed.variants
        variants = [_VARIANT + name for name in names] if len(names) > 1 else []
        self._rows.show([_MODEL, _DEVICE, _SET, *variants, *self._changed.options])
        self._rows.redraw()
        for page in (self.heading, self.notes):
            self.redraw_page(page)

    def _heading(self, width: int) -> list[Text]:
        took = self._estimate and f"an earlier run took {self._estimate}"
        title = wrapped(self._changed.recipe.title, width, STRONG, lead="start ")[:2]
        words = ", ".join(self._changed.absent)
        missing = wrapped(words, width, WARN, lead="! ")[:2] if words else []
        return [*title, *missing, *wrapped(took or "no earlier run to estimate from", width, FAINT)]

    def _lines(self, width: int) -> list[Text]:
        meaning = wrapped(self._meaning, width, FAINT)[:1] or [line()]
        if problem := self._changed.problem:
            return [*meaning, *wrapped(problem, width, BAD, lead="✗ ")]
        return [*meaning, *wrapped(f"ovtui {shlex.join(self.arguments)}", width, lead="$ ")]

    @property
    def _meaning(self) -> str:
        """What the option under the cursor does."""
        key = self._rows.key or ""
        if _variant(key):
            return self.dashboard.said(_ADDED if _variant(key) in self._changed.added else _OWN)
        option = self._changed.options.get(key)
        return option.meaning if option else _MEANINGS.get(key, "")

    def _cells(self, key: str) -> Sequence[Text]:
        mark = (f"{MARKED} " if self._is_changed(key) else "  ", STRONG)
        if key in (_MODEL, _DEVICE):
            return [line(mark, key), cell(self._value(key) or self._changed.recipe.model.source)]
        if key == _SET:
            return [line(mark, "variants"), line(f"‹ {self._value(key)} ›")]
        if name := _variant(key):
            own = name in self._changed.added
            action = line(("added", FAINT)) if own else line(f"‹ {self._value(key)} ›")
            return [line(mark, (_VARIANT, FAINT), name), action]
        option = self._changed.options[key]
        group = f"{option.group}: " if option.group else ""
        if group and option.title != "method":
            group = "  "  # it stands below its method, which tells variant and component
        value = self._value(key)
        shown = cell(_short(value)) if value else line((option.absent, FAINT))
        if option.choices:
            shown = line("‹ ", shown, " ›")
        return [line(mark, (group, FAINT), option.title), shown]

    def _choices(self, key: str) -> Sequence[str]:
        if key == _DEVICE:
            known = [device.name for device in devices.cached()]
            return list(dict.fromkeys(["CPU", *known, "AUTO"]))
        if key == _SET:
            return _SETS
        if name := _variant(key):
            return () if name in self._changed.added else (_RUN, _LEAVE_OUT)
        option = self._changed.options.get(key)
        return option.choices if option else ()

    def action_turn(self, step: int) -> None:
        """Takes the next or previous of the values there are."""
        key = self._rows.key
        if key is None or not (choices := self._choices(key)):
            return
        value = self._value(key) or self._default(key)
        at = choices.index(value) + step if value in choices else 0 if step > 0 else -1
        self._set(key, choices[at % len(choices)])

    def _value(self, key: str) -> str:
        if key == _DEVICE:
            return self._device
        if key == _MODEL:
            return self._changed.model
        if key == _SET:
            return _SETS[self._changed.is_standard]
        if name := _variant(key):
            return _LEAVE_OUT if name in self._changed.left_out else _RUN
        return self._changed.value(key)

    def _default(self, key: str) -> str:
        """What holds where an option is left out, spelled as its choices are."""
        if (option := self._changed.options.get(key)) is None:
            return ""
        return next((it for it in option.choices if it.strip('"') == option.absent), "")

    def _is_changed(self, key: str) -> bool:
        if name := _variant(key):
            return name in self._changed.left_out or name in self._changed.added
        if key == _SET:
            return self._changed.is_standard
        return bool(self._changed.model) if key == _MODEL else self._changed.is_changed(key)

    def _set(self, key: str, value: str) -> None:
        if key == _DEVICE:
            self._device = value or "CPU"
        elif key == _MODEL:
            self._changed.model = value
        elif key == _SET:
            self._changed.take(standard=value == _SETS[True])
        elif name := _variant(key):
            self._changed.leave_out(name, out=value == _LEAVE_OUT)
        else:
            self._changed.change(key, value)
        self._show()

    @on(Rows.Chosen)
    def _open_row(self) -> None:
        self.action_change()

    def action_change(self) -> None:
        """Asks for a value, or takes the next one where there are only some."""
        key = self._rows.key
        if key is None:
            return
        if key != _DEVICE and self._choices(key):
            self.action_turn(1)
            return
        self.type_into(self._value(key))

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if self._is_naming:
            self._add(text)
            return
        self.stop_typing()
        if (key := self._rows.key) is not None:
            self._set(key, text)

    def leave_field(self) -> None:
        """Ends the typing without a value."""
        self._is_naming = False
        super().leave_field()

    def action_unset(self) -> None:
        """Takes the value that the recipe has."""
        key = self._rows.key
        if key is not None and _variant(key) not in self._changed.added:
            self._set(key, "")

    def action_add(self) -> None:
        """Asks for the name of a new variant."""
        self._is_naming = True
        self.type_into("", "name of the new variant, as in int8 mixed")

    def _add(self, name: str) -> None:
        """Add a variant that begins as the one under the cursor is, and go to its method."""
        try:
            self._changed.add(name, like=self._variant_here)
        except UserError as error:
            self.dashboard.refuse(str(error))  # the field stays, with what was typed
            return
        self.leave_field()
        self._show()
        own = [key for key in self._changed.options if self._changed.variant_of(key) == name]
        for key in (own[-1], own[0]):  # all of its options come into sight
            self._rows.go(key)

    @property
    def _variant_here(self) -> str:
        """The variant that the row under the cursor is of; empty for other rows."""
        key = self._rows.key or ""
        return _variant(key) or self._changed.variant_of(key)

    def action_remove(self) -> None:
        """Takes away the variant under the cursor."""
        name = self._variant_here
        if name in self._changed.added:
            self._changed.remove(name)
        elif name:
            self._changed.leave_out(name)
        self._show()

    def action_copy(self) -> None:
        """Copies the command line."""
        self.dashboard.copy_text(f"ovtui {shlex.join(self.arguments)}")

    def action_start(self) -> None:
        """Starts the run, unless something is wrong."""
        changed = self._changed
        if changed.problem:
            self.dashboard.refuse(changed.problem)
            return
        ask = partial(
            request.recipe_request,
            str(changed.path),
            model=changed.model or None,
            device=self._device,
            overrides=changed.settings,
            argv=self.arguments,
            standard=changed.is_standard,
        )
        self.dashboard.start(ask)
        self.dashboard.session.did(*self.arguments)
        self.dismiss()

    def action_leave(self) -> None:
        """Starts nothing."""
        self.dismiss()


def _variant(key: str) -> str:
    """The name of a variant whose row this is; empty for other rows."""
    return key[len(_VARIANT) :] if key.startswith(_VARIANT) else ""


def _short(value: str) -> str:
    """A method by its name, a text without its quotes; other values as they are."""
    if value.startswith("{ method"):
        return value.split('"')[1]
    return str(value_of(value)) if value.startswith('"') else value
