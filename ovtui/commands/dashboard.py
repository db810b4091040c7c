"""`ovtui` alone: the dashboard, and the last results in the scrollback after it."""

from __future__ import annotations

import gc
import locale
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovtui.core.home import directories
from ovtui.core.text.errors import UserError, nearest

# The first paint waits for imports above all; functions import what is needed after it.
if TYPE_CHECKING:
    from argparse import Namespace

    from ovtui.core.home.settings import Graphics, Settings
    from ovtui.core.runs.run_folder import Run

# Textual reads these when it is imported. The rate is no cap: only changes are sent, and a key is
# echoed with the next frame.
_CALM_DEFAULTS = {
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
    "TEXTUAL_FPS": "60",
}


def main(arguments: Sequence[str]) -> int:
    """Opens the dashboard; without a terminal says so."""
    options = _options(arguments) if arguments else None
    if not _is_terminal():
        raise UserError("the dashboard needs a terminal; for the commands see: ovtui --help")
    for name, value in _CALM_DEFAULTS.items():
        os.environ.setdefault(name, value)
    settings = _settings() if directories.settings_path().exists() else None
    gc.disable()  # until the first paint: 25 of 250 ms
    from ovtui.tui.app import Dashboard

    no_colour = os.environ.get("NO_COLOR")
    app = Dashboard(
        ascii_only=bool(options and options.ascii) or not _speaks_utf8(),
        calm=bool(options and options.calm),
        theme_name=(options and options.theme)
        or os.environ.get("OVTUI_THEME")
        or (settings.theme if settings else ""),
        settings=settings,
        readonly=bool(options and options.readonly),
    )
    if no_colour is not None:
        os.environ["NO_COLOR"] = no_colour  # Textual takes it away
    app.run(mouse=not (options and options.no_mouse))
    if app.return_code:
        return app.return_code
    _print_last(app.session.to_print(app.index))
    return 0


def _options(arguments: Sequence[str]) -> Namespace:
    from ovtui.commands.arguments import Parser

    parser = Parser("", "The dashboard: everything by keys, ? tells which.")
    parser.add_argument("--ascii", action="store_true", help="only ASCII characters")
    parser.add_argument("--calm", action="store_true", help="update half as often")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument(
        "--readonly", action="store_true", help="look only: start, end and delete nothing"
    )
    parser.add_argument("--theme", metavar="NAME", help="colours (also: OVTUI_THEME)")
    return parser.parse(arguments)


def _is_terminal() -> bool:
    # Textual draws on standard error.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"


def _speaks_utf8() -> bool:
    return "utf" in (locale.getpreferredencoding(False) or "").lower()


def shown_by(wanted: Graphics) -> Graphics:
    """Returns how pictures are shown: tmux and screen swallow graphics, so half blocks there."""
    multiplexed = "TMUX" in os.environ or os.environ.get("TERM", "").startswith(("screen", "tmux"))
    return "half-block" if multiplexed else wanted


def _settings() -> Settings:
    """The settings, whose ids of keys exist, and pictures that this terminal can show."""
    from msgspec.structs import replace

    from ovtui.core.home.settings import user_settings
    from ovtui.tui.keys import every

    settings, known = user_settings(), {key.id for key in every()}
    for name in settings.keys:
        if name not in known:
            raise UserError(
                f"{directories.settings_path()}: keys.{name}: unknown key, {nearest(name, known)}"
            )
    return replace(settings, images=shown_by(settings.images))


def _print_last(runs: Sequence[Run]) -> None:
    """What the dashboard showed last, where it can still be read afterwards."""
    from ovtui.commands.follow import ending
    from ovtui.commands.output import print_result, say
    from ovtui.core.runs.run_folder import State

    for run in runs:
        state = run.state()
        result = run.result() if state is State.DONE else None
        if result is not None:
            print_result(result)
        else:
            say(ending(run))
