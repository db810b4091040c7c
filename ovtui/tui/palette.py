"""What the palette offers: every key of a place, the newest runs, a start of every recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

from ovtui.core.recipes.catalog import recipes
from ovtui.core.runs.lineage import Model
from ovtui.core.text.foreign import plain
from ovtui.tui import keys
from ovtui.tui.run_index import RunIndex
from ovtui.tui.screens.place import Place

_MOST = 200


def keys_of(screen: Screen[object], keymap: Mapping[str, str]) -> Iterator[SystemCommand]:
    """Yields the keys that work in a place; none in a dialog."""
    if not isinstance(screen, Place):
        return
    for section in (screen.PLACE, "place", "everywhere"):
        for key in (it for it in keys.TABLE[section] if keys.is_on(it, keymap)):
            words = f"{section}, key {keys.shown(key, keymap)[0]}"
            going = "go to " if key.id.startswith("place.") else ""
            do_it = partial(screen.call_later, screen.run_key, key)
            yield SystemCommand(f"{going}{key.what}", words, do_it)


def starts(open_start: Callable[[str], None]) -> Iterator[SystemCommand]:
    """Yields the recipes that can be read, each of which opens its form."""
    for entry in recipes():
        if not entry.problem:
            yield SystemCommand(
                plain(f"start {entry.name}"), "recipe", partial(open_start, entry.path)
            )


def runs(index: RunIndex, open_run: Callable[[str], None]) -> Iterator[SystemCommand]:
    """Yields the newest runs, each of which is gone to."""
    for id in index.ids[:_MOST]:
        facts = index.facts(id)
        words = f"{facts.state or 'damaged'}  {facts.device}  {facts.model}"
        yield SystemCommand(
            plain(f"open run {facts.name} {id}"), plain(words), partial(open_run, id)
        )


def models(known: Sequence[Model], open_model: Callable[[str], None]) -> Iterator[SystemCommand]:
    """Yields the models that were read last, each of which is gone to."""
    for model in known[:_MOST]:
        words = plain(f"{model.task}  {model.format}  {model.origin}")
        yield SystemCommand(
            plain(f"open model {model.name}"), words, partial(open_model, model.key)
        )


def of_textual(commands: Iterable[SystemCommand]) -> Iterator[SystemCommand]:
    """Yields what of Textual's own commands makes sense here: the choice of a theme."""
    return (command for command in commands if command.title == "Theme")


def screenshot(take: Callable[[], object]) -> SystemCommand:
    """Returns the command that keeps what is shown."""
    return SystemCommand("Screenshot", "picture of the screen, in the home folder", take)
