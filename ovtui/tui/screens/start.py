"""The start of a run: recipe, model, device, options, and the command line that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from ovtui.core.machine import devices
from ovtui.core.recipes import catalog, recipe
from ovtui.core.recipes.assignment import step
from ovtui.core.recipes.options import Option, as_toml, assignments, only, options_of
from ovtui.core.text.errors import UserError
from ovtui.tui import keys
from ovtui.tui.screens.form import Form
from ovtui.tui.text import BAD, FAINT, MARKED, STRONG, cell, line, wrapped
from ovtui.tui.widgets.columns import Column
from ovtui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    pass

_COLUMNS = (
    Column("option", 24, 44, sorts=False),
    Column("value", 16, 60, sorts=False),
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
        """
        super().__init__(_COLUMNS)
        self._path, self._estimate = Path(path), estimate
        self._model, self._device, self._set_of = model, "CPU", _SETS[0]
        self._changes: dict[str, str] = {}
        self._problem = ""
        self._recipe = recipe.load(self._path)
        self._own = {option.key: option.value for option in options_of(self._recipe)}
        self._names = [variant.name for variant in self._recipe.variants]
        self._left_out: set[str] = set()
        self._options: dict[str, Option] = {}

    def begin(self) -> None:
        """Fills the form."""
        self._read()

    @property
    def settings(self) -> list[str]:
        """What was changed, as `--set` takes it."""
        return assignments(self._changes)

    @property
    def arguments(self) -> list[str]:
        """The command line that does the same, without `ovtui`."""
        named = catalog.is_on_path(self._path)
        arguments = ["run", self._path.stem if named else str(self._path), "--device", self._device]
        arguments += ["--model", self._model] if self._model else []
        arguments += ["--variants", self._set_of] if self._is_standard else []
        return arguments + [word for text in self.settings for word in ("--set", text)]

    def _read(self) -> None:
        """Check the changes against the recipe, and fill the rows from it."""
        try:
            self._recipe = recipe.load(self._path, self.settings, standard=self._is_standard)
            self._problem = ""
        except UserError as error:
            self._problem = str(error)
        self._options = {option.key: option for option in options_of(self._recipe)}
        variants = [_VARIANT + name for name in self._names] if len(self._names) > 1 else []
        self._rows.show([_MODEL, _DEVICE, _SET, *variants, *self._options])
        self._rows.redraw()
        self.redraw_page(self.notes)

    def _heading(self, width: int) -> list[Text]:
        took = self._estimate and f"an earlier run took {self._estimate}"
        title = line(("start ", FAINT), (self._recipe.title, STRONG))
        return [title, *wrapped(took or "no earlier run to estimate from", width, FAINT)[:2]]

    def _lines(self, width: int) -> list[Text]:
        meaning = wrapped(self._meaning, width, FAINT)[:1] or [line()]
        if self._problem:
            return [*meaning, *wrapped(self._problem, width, BAD, lead="✗ ")]
        return [*meaning, *wrapped(f"ovtui {shlex.join(self.arguments)}", width, lead="$ ")]

    @property
    def _meaning(self) -> str:
        """What the option under the cursor does."""
        key = self._rows.key or ""
        return self._options[key].meaning if key in self._options else _MEANINGS.get(key, "")

    def _cells(self, key: str) -> Sequence[Text]:
        changed = key in self._changes or (key == _MODEL and bool(self._model))
        mark = (f"{MARKED} " if changed else "  ", STRONG)
        if key == _MODEL:
            return [line(mark, "model"), cell(self._model or self._recipe.model.source)]
        if key == _DEVICE:
            return [line(mark, "device"), cell(self._device)]
        if key == _SET:
            mark = (f"{MARKED} " if self._is_standard else "  ", STRONG)
            return [line(mark, "variants"), line(f"‹ {self._set_of} ›")]
        if name := _variant(key):
            left_out = name in self._left_out
            mark = (f"{MARKED} " if left_out else "  ", STRONG)
            word = _LEAVE_OUT if left_out else _RUN
            return [line(mark, (_VARIANT, FAINT), name), line(f"‹ {word} ›")]
        option = self._options[key]
        group = f"{option.group}: " if option.group else ""
        if group and option.title != "method":
            group = "  "  # it stands below its method, which tells variant and component
        value = self._changes.get(key, option.value)
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
        if _variant(key):
            return (_RUN, _LEAVE_OUT)
        return self._options[key].choices if key in self._options else ()

    def action_turn(self, step: int) -> None:
        """Takes the next or previous of the values there are."""
        key = self._rows.key
        if key is None or not (choices := self._choices(key)):
            return
        value = self._value(key)
        at = choices.index(value) + step if value in choices else 0 if step > 0 else -1
        self._set(key, choices[at % len(choices)])

    def _value(self, key: str) -> str:
        if key == _DEVICE:
            return self._device
        if key == _MODEL:
            return self._model
        if key == _SET:
            return self._set_of
        if name := _variant(key):
            return _LEAVE_OUT if name in self._left_out else _RUN
        return self._changes.get(key, self._options[key].value)

    def _set(self, key: str, value: str) -> None:
        if key == _DEVICE:
            self._device = value or "CPU"
        elif key == _MODEL:
            self._model = value
        elif key == _SET:
            self._take_set(value or _SETS[0])
        elif name := _variant(key):
            self._take_variant(name, value != _LEAVE_OUT)
        elif value:
            option = self._options[key]
            if option.title == "method":  # what was set inside another method does not fit
                inner = [other for other in self._changes if other.startswith(f"{key}.")]
                for other in inner:
                    del self._changes[other]
            self._changes[key] = as_toml(option, value)
            if self._changes[key] == self._own.get(key):
                del self._changes[key]
        else:
            self._changes.pop(key, None)
        self._read()

    @property
    def _is_standard(self) -> bool:
        return self._set_of != _SETS[0]

    def _take_set(self, chosen: str) -> None:
        """Take the recipe's variants, or the standard ones; what was set in others has no place."""
        self._set_of = chosen
        self._left_out.clear()
        self._changes = {
            key: value for key, value in self._changes.items() if not key.startswith("variants")
        }
        loaded = recipe.load(self._path, standard=self._is_standard)
        self._names = [variant.name for variant in loaded.variants]
        self._own = {option.key: option.value for option in options_of(loaded)}

    def _take_variant(self, name: str, run: bool) -> None:
        self._left_out ^= {name} if run == (name in self._left_out) else set()
        kept = [other for other in self._names if other not in self._left_out]
        self._changes.pop("variants", None)
        if self._left_out:
            self._changes["variants"] = only(kept)
            # What was set in a variant that is left out has no place any more.
            inner = tuple(f"variants.{step(other)}." for other in self._left_out)
            for key in [key for key in self._changes if key.startswith(inner)]:
                del self._changes[key]

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
        self.stop_typing()
        if (key := self._rows.key) is not None:
            self._set(key, event.value.strip())

    def action_unset(self) -> None:
        """Takes the value that the recipe has."""
        if (key := self._rows.key) is not None:
            self._set(key, "")

    def action_copy(self) -> None:
        """Copies the command line."""
        self.dashboard.copy_text(f"ovtui {shlex.join(self.arguments)}")

    def action_start(self) -> None:
        """Starts the run, unless something is wrong."""
        if self._problem:
            self.dashboard.refuse(self._problem)
            return
        from ovtui.core.runs import request

        ask = partial(
            request.recipe_request,
            str(self._path),
            model=self._model or None,
            device=self._device,
            overrides=self.settings,
            argv=self.arguments,
            standard=self._is_standard,
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
    """A method by its name; other values as they are."""
    return value.split('"')[1] if value.startswith("{ method") else value
