"""A folder that is searched for models, added to the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovtui.core.home import directories
from ovtui.core.home.models_folders import add_models_folder
from ovtui.core.home.settings import user_settings
from ovtui.core.text.errors import UserError


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# mine\ncache_gib = 3.0\n\n[keys]\n'place.models' = 'M'\n",
        'models = ["/a [x]"]  # one\ntheme = "nord"\n',
        'theme = "nord"\nmodels = [\n  "/a", # first\n  "/b",\n]\n',
    ],
)
def test_the_rest_stays(home: Path, tmp_path: Path, before: str) -> None:
    path = directories.settings_path()
    path.parent.mkdir(parents=True)
    path.write_text(before)
    old = user_settings()
    folder = tmp_path / "my models"
    folder.mkdir()
    if "[x]" in before:  # what is no plain list is left to a person
        with pytest.raises(UserError, match="write it in by hand"):
            add_models_folder(str(folder))
        assert path.read_text() == before
        return
    assert add_models_folder(str(folder)) == folder
    add_models_folder(str(folder))
    new = user_settings()
    assert new.models == [*old.models, str(folder)]
    assert (new.keys, new.theme, new.cache_gib) == (old.keys, old.theme, old.cache_gib)
    assert ("# mine" in path.read_text()) == ("# mine" in before)


def test_what_is_no_folder_is_refused(home: Path) -> None:
    with pytest.raises(UserError, match="is no folder"):
        add_models_folder("/no/such")
