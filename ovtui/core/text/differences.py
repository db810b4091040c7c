"""Marks the words of a text that differ from another's."""

from __future__ import annotations

import difflib


def marked(before: str, after: str) -> list[str]:
    """Returns the words of a text, with brackets around what another says otherwise: [-b-] [+a+].

    Args:
        before: the text that is compared with.
        after: the text whose words are returned; what it lacks stands before its next word.
    """
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
