"""One table of keys: bindings, the last line, the help and the README come from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from textual.binding import Binding


class Key(NamedTuple):
    """What a key does in a place."""

    id: str
    """Names it in `config.toml`, where another key can be given."""
    keys: str
    """As Textual names them, separated by commas; the first one is shown."""
    action: str
    what: str
    """For the help: what it does."""
    short: str = ""
    """A word for the last line of the screen; empty where it is not shown there."""
    changes: bool = False
    """Whether it starts, ends, writes or deletes something: off where the dashboard only looks."""


PLACES: dict[str, tuple[Key, ...]] = {
    "overview": (Key("overview.demo", "d", "demo", "start the demo", "demo", changes=True),),
    "models": (
        Key("models.run", "r", "run", "compress this model", "run", changes=True),
        Key("models.bench", "b", "bench", "measure this file", changes=True),
        Key("models.fold", "space", "fold", "its parts, and back", "parts"),
        Key("models.new", "n", "new", "new recipe for it", "new recipe", changes=True),
        Key("models.add", "A", "add", "search a folder, too", "add folder", changes=True),
    ),
    "recipes": (
        Key("recipes.run", "r", "run", "start this recipe", "run", changes=True),
        Key("recipes.edit", "e", "edit", "edit, or copy and edit", "edit", changes=True),
    ),
    "devices": (Key("devices.read", "r", "read", "ask OpenVINO again", "read again"),),
    "runs": (
        Key("runs.mark", "space", "mark", "mark for comparison", "mark"),
        Key("runs.range", "V", "range", "mark from here to there"),
        Key("runs.compare", "c", "compare", "compare what is marked", "compare"),
        Key("runs.samples", "s", "samples", "look at its samples"),
        Key("runs.ask", "a", "ask", "ask its models"),
        Key("runs.cancel", "x", "cancel", "cancel (asks)", "cancel", changes=True),
        Key("runs.again", "t", "again", "run again", "again", changes=True),
        Key("runs.delete", "D", "delete", "delete, or the marked", "delete", changes=True),
        Key("runs.undo", "U", "undo", "bring back deleted", changes=True),
        Key("runs.level", "L", "level", "log: errors, all"),
        Key("runs.error", "e", "first_error", "log: first error"),
        Key("runs.report", "w", "report", "write a report", changes=True),
        Key("runs.replay", "T", "replay", "its time line"),
    ),
    "compare": (
        Key("compare.mark", "space", "mark", "show or hide a variant", "show/hide"),
        Key("compare.clear", "u", "clear", "forget all marks", "unmark all"),
        Key("compare.layers", "o", "layers", "time of operations", "operations"),
    ),
    "samples": (
        Key("samples.kind", "o", "next_kind", "changed, worse, …, all", "show only"),
        Key("samples.every", "a", "every", "all rows, and back", "all rows"),
        Key("samples.picture", "i", "picture", "picture, and back", "picture"),
        Key("samples.next_run", "n", "other_run(1)", "an older run", "older run"),
        Key("samples.previous_run", "N", "other_run(-1)", "a newer run"),
    ),
    "ask": (
        Key("ask.ask", "r", "ask", "ask all variants", "ask"),
        Key("ask.stop", "x", "stop", "stop, and free the models", "stop"),
        Key("ask.unset", "u,backspace", "unset", "empty this input"),
    ),
}
"""The places in the order of their numbers, from 0, each with the keys of its own.

The screen of a place is the class of its name in `screens/`, as `Models` in `screens/models.py`.
"""


def _going_to(number: int, place: str) -> Key:
    return Key(f"place.{place}", str(number), f"place('{place}')", place.capitalize())


TABLE: dict[str, tuple[Key, ...]] = {
    "everywhere": (
        *(_going_to(number, place) for number, place in enumerate(PLACES)),
        Key("palette", "colon,ctrl+p", "command_palette", "palette of commands"),
        Key("repaint", "ctrl+l", "repaint", "repaint the screen"),
        Key("pause", "p", "pause", "pause updates"),
        Key("commands", "H", "commands", "commands of what was done"),
        Key("quit", "q,ctrl+q", "quit", "leave; runs go on"),
        Key("help", "question_mark", "help", "this help", "help"),
    ),
    "place": (
        Key("pane.next", "tab,l,right", "next_pane", "next pane"),
        Key("pane.previous", "shift+tab,h,left", "previous_pane", "previous pane"),
        Key("back", "escape", "back", "back; clear the filter"),
        Key("filter", "slash", "filter", "filter the list"),
        Key("zoom", "z", "zoom", "zoom, and back"),
        Key("jump", "f", "jump", "jump to a row"),
        Key("export", "E", "export", "write the list as CSV"),
        Key("copy", "y", "copy", "copy the pane as text"),
        Key("pager", "v", "pager", "pane in your pager"),
    ),
    "list": (
        Key("list.open", "enter", "choose", "open", "open"),
        Key("list.down", "j,down", "move(1)", "down"),
        Key("list.up", "k,up", "move(-1)", "up"),
        Key("list.page_down", "ctrl+d,pagedown", "move_page(1)", "a page down"),
        Key("list.page_up", "ctrl+u,pageup", "move_page(-1)", "a page up"),
        Key("list.first", "g,home", "first", "first"),
        Key("list.last", "G,end", "last", "last"),
        Key("list.sort", "S", "sort", "sort by the next column"),
        Key("list.reverse", "R", "reverse", "the other way round"),
    ),
    "page": (
        Key("page.down", "j,down", "scroll_down", "down"),
        Key("page.up", "k,up", "scroll_up", "up"),
        Key("page.page_down", "ctrl+d,pagedown", "page_down", "a page down"),
        Key("page.page_up", "ctrl+u,pageup", "page_up", "a page up"),
        Key("page.first", "g,home", "scroll_home", "top"),
        Key("page.last", "G,end", "scroll_end", "bottom"),
    ),
    **PLACES,
    "replay": (
        Key("replay.right", "right,l", "step(1)", "later"),
        Key("replay.left", "left,h", "step(-1)", "earlier"),
        Key("replay.first", "home,g", "ends(False)", "the beginning"),
        Key("replay.last", "end,G", "ends(True)", "the end"),
        Key("replay.next", "right_square_bracket", "stage(1)", "next stage"),
        Key("replay.previous", "left_square_bracket", "stage(-1)", "stage before"),
        Key("replay.leave", "escape,q", "leave", "back"),
    ),
    "choice": (
        Key("choice.new", "n", "new", "a new recipe", "new recipe"),
        Key("choice.filter", "slash", "filter", "filter", "filter"),
        Key("choice.leave", "escape,q", "leave", "back, choose none", "back"),
    ),
    "new": (
        Key("new.change", "enter", "change", "type a value", "change"),
        Key("new.next", "right,l,space", "turn(1)", "the next value"),
        Key("new.previous", "left,h", "turn(-1)", "the previous value"),
        Key("new.unset", "u,backspace", "unset", "as proposed", "reset"),
        Key("new.pick", "o", "pick", "choose the data from files", "files"),
        Key("new.write", "w", "write", "write the recipe", "write"),
        Key("new.edit", "e", "edit", "write, and open your editor", "edit"),
        Key("new.start", "r", "start", "write, and start it", "start"),
        Key("new.leave", "escape,q", "leave", "back, write nothing", "back"),
    ),
    "field": (Key("field.pick", "ctrl+o", "pick", "choose a path from files"),),
    "start": (
        Key("start.change", "enter", "change", "type a value", "change"),
        Key("start.next", "right,l,space", "turn(1)", "the next value", "next value"),
        Key("start.previous", "left,h", "turn(-1)", "the previous value"),
        Key("start.unset", "u,backspace", "unset", "as the recipe has it", "reset"),
        Key("start.add", "a", "add", "add a variant like this one", "add variant"),
        Key("start.remove", "D", "remove", "take this variant away"),
        Key("start.copy", "y", "copy", "copy the command line"),
        Key("start.start", "r", "start", "start the run", "start", changes=True),
        Key("start.leave", "escape,q", "leave", "back, start nothing", "back"),
    ),
}
HOW_TO_START = "Press {place.recipes} for the recipes, then {recipes.run} to start one."
_NAMED = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")
"""An id in a hint."""
_NEVER = "never"
"""No key of a keyboard; Textual keeps the usual one where it is given an empty text."""
_SHOWN = {
    "question_mark": "?", "colon": ":", "slash": "/", "escape": "esc", "pagedown": "PgDn",
    "pageup": "PgUp", "down": "↓", "up": "↑", "left": "←", "right": "→", "backspace": "⌫",
    "shift+tab": "shift+tab", "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip


def bindings(section: str) -> list[Binding]:
    """Returns the bindings of a section; every key carries the id that rebinds it."""
    return [
        Binding(key.keys, key.action, key.what, show=False, id=key.id) for key in TABLE[section]
    ]


def footer(sections: Iterable[str], keymap: Mapping[str, str]) -> list[tuple[Key, str]]:
    """Returns the keys of the last line, each with its words, as in `x cancel`."""
    return [
        (key, f"{shown(key, keymap)[0]} {key.short}")
        for section in sections
        for key in TABLE[section]
        if key.short and is_on(key, keymap)
    ]


def is_on(key: Key, keymap: Mapping[str, str]) -> bool:
    """Returns whether a key does anything: some are off in a dashboard that only looks."""
    return keymap.get(key.id) != _NEVER


def looking_only(keymap: Mapping[str, str]) -> dict[str, str]:
    """Returns the keys of a dashboard that starts, ends, writes and deletes nothing."""
    return dict(keymap) | {key.id: _NEVER for key in every() if key.changes}


def shown(key: Key, keymap: Mapping[str, str]) -> list[str]:
    """Returns the keys as a person reads them."""
    return [_SHOWN.get(name, name) for name in keymap.get(key.id, key.keys).split(",")]


def name(id: str, keymap: Mapping[str, str]) -> str:
    """Returns the first key of an id, as a person reads it."""
    return shown(_by_id()[id], keymap)[0]


def said(hint: str, keymap: Mapping[str, str]) -> str:
    """Returns a hint with the keys that it names, as in `{runs.again} runs it again`.

    Args:
        hint: a text of our own, in which ids of keys stand in braces.
        keymap: other keys by the ids of the table.

    Returns:
        An empty text where one of the keys is off: nobody is told of what does nothing.
    """
    named = [_by_id()[id] for id in _NAMED.findall(hint)]
    if not all(is_on(key, keymap) for key in named):
        return ""
    return _NAMED.sub(lambda part: name(part[1], keymap), hint)


def every() -> list[Key]:
    """Returns all keys of all sections."""
    return [key for section in TABLE.values() for key in section]


@cache
def _by_id() -> dict[str, Key]:
    return {key.id: key for key in every()}


def markdown() -> str:
    """Returns the table for the README."""
    lines = ["| where | keys |", "|---|---|"]
    for section, section_keys in TABLE.items():
        words = " · ".join(f"{_code(key)} {key.what}" for key in section_keys)
        lines.append(f"| {section} | {words} |")
    return "\n".join(lines)


def _code(key: Key) -> str:
    return " ".join(f"`{name}`" for name in shown(key, {}))
