"""Files that a person gives a model by hand: whatever else is there is told before it is read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ovtui.core.files.reading import open_regular
from ovtui.core.recipes.source import ARCHIVES
from ovtui.core.text.errors import reason
from ovtui.engine.data.rows import Unusable


def check_given(text: str, what: str, endings: Sequence[str]) -> None:
    """Refuses what is no file with something in it.

    Args:
        text: a path, from the working directory.
        what: it is to be, as in `image`.
        endings: of such files; the error names the first three.

    Raises:
        Unusable: it is a folder, an archive, empty, gone, or may not be read.
    """
    path = Path(text)
    wanted = f"expected one file for {what}, such as {', '.join(endings[:3])}"
    if path.is_dir():
        raise Unusable(f"{text}: is a folder; {wanted}")
    if text.lower().endswith(ARCHIVES):
        raise Unusable(f"{text}: is an archive; unpack it: {wanted}")
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise Unusable(f"{text}: no such file; {wanted}") from None
    except PermissionError:
        raise Unusable(f"{text}: may not be read; its permissions keep you out") from None
    except OSError as error:
        raise Unusable(f"{text}: {reason(error)}; {wanted}") from error
    if not size:
        raise Unusable(f"{text}: is empty, 0 bytes; {wanted}")
