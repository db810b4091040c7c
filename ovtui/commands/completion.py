"""`ovtui completion SHELL`: what a shell needs to complete commands, options, recipes and runs."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from collections.abc import Sequence
from itertools import islice

from ovtui.commands.arguments import Parser

_SCRIPTS = {
    "bash": """_ovtui() {
    local IFS=$'\\n'
    COMPREPLY=($(compgen -W "$(ovtui completion --words "${COMP_WORDS[@]:1:COMP_CWORD}" \
        2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
    [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _ovtui ovtui
""",
    "zsh": """#compdef ovtui
_ovtui() {
    local -a found
    found=("${(@f)$(ovtui completion --words "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    [[ -n ${found[1]} ]] && compadd -a found || _files
}
compdef _ovtui ovtui
""",
    "fish": """complete -c ovtui -a \
    '(ovtui completion --words (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
""",
}
_RUNS = ("watch", "cancel", "show", "rm", "compare", "predict", "report", "diff")
_MOST_RUNS = 200


def main(arguments: Sequence[str]) -> int:
    """Prints the script for a shell, or with `--words` what may follow the words so far."""
    if list(arguments[:1]) == ["--words"]:
        for word in words(arguments[1:]):
            if word.isprintable():
                print(word)
        return 0
    parser = Parser("completion", 'Completion for a shell: eval "$(ovtui completion bash)"')
    parser.add_argument("shell", choices=sorted(_SCRIPTS))
    print(_SCRIPTS[parser.parse(arguments).shell], end="")
    return 0


def words(typed: Sequence[str]) -> list[str]:
    """Returns what may stand in place of the last word, which may be empty or begun.

    Args:
        typed: the words after `ovtui`.
    """
    from ovtui.cli import VERBS

    *before, begun = typed or [""]
    if not before:
        return [verb for verb in VERBS if verb.startswith(begun)]
    verb = before[0]
    if verb not in VERBS:
        return []
    candidates = _options(verb) if begun.startswith("-") else _names(verb, before[1:])
    return [word for word in candidates if word.startswith(begun)]


def _options(verb: str) -> list[str]:
    """The options that a command's help tells."""
    help_text = io.StringIO()
    with contextlib.redirect_stdout(help_text), contextlib.suppress(SystemExit):
        importlib.import_module(f"ovtui.commands.{verb}").main(["--help"])
    return sorted(set(re.findall(r"(?<![\w-])--[a-z][\w-]*", help_text.getvalue())))


def _names(verb: str, before: Sequence[str]) -> list[str]:
    """Recipes or runs, whatever a command takes; devices after their option."""
    if before and before[-1] == "--device":
        from ovtui.core.machine.devices import cached

        return [device.name for device in cached()]
    if verb == "run" and not [word for word in before if not word.startswith("-")]:
        from ovtui.core.recipes.catalog import recipes

        return [entry.name for entry in recipes() if not entry.problem]
    if verb in _RUNS:
        from ovtui.core.runs.run_folder import every

        return ["last", *(run.id for run in islice(every(), _MOST_RUNS))]
    return []
