"""A recipe as a person changes it before a run: options, and variants left out and added."""

from __future__ import annotations

from pathlib import Path

from ovtui.core.files.reading import TomlTable
from ovtui.core.recipes import recipe
from ovtui.core.recipes.assignment import step
from ovtui.core.recipes.compression import method_name, parameters
from ovtui.core.recipes.options import Option, as_toml, assignments, only, options_of
from ovtui.core.recipes.readiness import absent
from ovtui.core.recipes.recipe import Recipe, Variant
from ovtui.core.recipes.recipe_text import toml_value
from ovtui.core.runs.request import checked_recipe, settings_of
from ovtui.core.text.errors import UserError


class ChangedRecipe:
    """A recipe's file, what is changed of it, and what is wrong with that."""

    def __init__(self, path: Path, model: str = "") -> None:
        """Reads a recipe.

        Args:
            path: of its file.
            model: in place of the recipe's; empty for its own.

        Raises:
            UserError: it is wrong as it is.
        """
        self.path, self._model = path, model
        self.is_standard = False
        """The standard variants are tried in place of its own."""
        self.left_out: set[str] = set()
        self.added: dict[str, str] = {}
        """Variants of a person's own by name, as tables of TOML."""
        self.problem = ""
        """What is wrong with it as it is changed, in one line."""
        self.absent: list[str] = []
        """What has to be fetched before it can run."""
        self._changes: dict[str, str] = {}
        self._names: list[str] = []
        self._before: dict[str, str] = {}
        self._begin()

    @property
    def settings(self) -> list[str]:
        """What was changed, as `--set` takes it."""
        kept = [name for name in self._names if name not in self.left_out]
        chosen = {"variants": only(kept)} if self.left_out else {}
        added = {_key(name): table for name, table in self.added.items()}
        return assignments(chosen | added | self._changes)

    @property
    def model(self) -> str:
        """A model in place of the recipe's; empty for its own."""
        return self._model

    @model.setter
    def model(self, model: str) -> None:
        self._model = model
        self._read()

    @property
    def variants(self) -> list[str]:
        """All variants by name, those that are left out, too."""
        return list(dict.fromkeys([*self._names, *self.added]))

    def variant_of(self, key: str) -> str:
        """Returns the variant that an option belongs to; empty where it is the run's."""
        begins = {name: f"{_key(name)}." for name in self.variants}
        return next((name for name, begin in begins.items() if key.startswith(begin)), "")

    def value(self, key: str) -> str:
        """Returns an option's value as TOML spells it; empty where it is left out."""
        return self._changes.get(key, self.options[key].value)

    def is_changed(self, key: str) -> bool:
        """Tells whether a person gave an option another value."""
        return key in self._changes

    def change(self, key: str, text: str) -> None:
        """Gives an option another value; none gives it the one that it had."""
        option = self.options[key]
        value = as_toml(option, text)
        if option.title == "method":
            self._forget(f"{key}.")  # what was set inside another method does not fit
        self._changes.pop(key, None)
        if value and value != self._before.get(key):
            self._changes[key] = value
        self._read()

    def take(self, *, standard: bool) -> None:
        """Takes the standard variants, or the recipe's own, beside those that were added."""
        inner = tuple(f"{_key(name)}." for name in self.added)
        self._changes = {
            key: value
            for key, value in self._changes.items()
            if not key.startswith("variants.") or key.startswith(inner)
        }
        self.is_standard = standard
        self.left_out.clear()
        self._begin()

    def leave_out(self, name: str, *, out: bool = True) -> None:
        """Leaves out a variant that the recipe has, or takes it again."""
        self.left_out.discard(name)
        if out:
            self.left_out.add(name)
            self._forget(f"{_key(name)}.")
        self._read()

    def add(self, name: str, like: str = "") -> None:
        """Adds a variant, which begins as another one is.

        Args:
            name: of the new one.
            like: the other's name; the first one's where empty.

        Raises:
            UserError: it cannot be called that.
        """
        if name in self.variants:
            raise UserError(f"{name!r} is there already; give the new variant another name")
        known = {variant.name: variant for variant in self.recipe.variants}
        self.added[name] = toml_value(_table(known.get(like, self.recipe.variants[0])))
        try:
            self._begin()
        except UserError as error:
            del self.added[name]
            raise UserError(self._in_short(error)) from error

    def remove(self, name: str) -> None:
        """Takes a variant away that was added."""
        del self.added[name]
        self._forget(f"{_key(name)}.")
        self._begin()

    def _begin(self) -> None:
        """Find what is there before anything is set inside a variant."""
        added = assignments({_key(name): table for name, table in self.added.items()})
        before = recipe.load(self.path, added, standard=self.is_standard)
        names = [variant.name for variant in before.variants]
        self._names = [name for name in names if name not in self.added]
        self._before = {option.key: option.value for option in options_of(before)}
        self.recipe: Recipe = before
        self._read()

    def _read(self) -> None:
        """Read the recipe with all changes; where that cannot be, what was read last stays."""
        try:
            self.recipe = recipe.load(self.path, self.settings, standard=self.is_standard)
            settings = settings_of(self._model or None, self.settings)
            self.absent = absent(checked_recipe(self.path, settings, standard=self.is_standard))
            self.problem = ""
        except UserError as error:
            self.problem = self._in_short(error)
        self.options: dict[str, Option] = {it.key: it for it in options_of(self.recipe)}

    def _forget(self, begin: str) -> None:
        """Drop what was set below a key: it has no place any more."""
        for key in [key for key in self._changes if key.startswith(begin)]:
            del self._changes[key]

    def _in_short(self, error: UserError) -> str:
        """What is wrong, without the path: it is known which recipe this is."""
        return str(error).removeprefix(str(self.path)).removeprefix(" with --set").lstrip(": ")


def _key(variant: str) -> str:
    return f"variants.{step(variant)}"


def _table(variant: Variant) -> TomlTable:
    """A variant as a recipe has it, but for its name."""
    methods: TomlTable = {
        name: {"method": method_name(method)} | parameters(method)
        for name, method in variant.components.items()
    }
    execution = {"execution": variant.execution} if variant.execution else {}
    return {"components": methods} | execution
