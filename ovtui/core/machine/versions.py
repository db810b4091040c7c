"""Versions of the libraries that a run depends on."""

from __future__ import annotations

from importlib import metadata

from ovtui import __version__


def versions(*packages: str) -> dict[str, str]:
    """Reads the versions of ovtui and of installed packages, without importing them.

    Args:
        packages: names as in `pip install`; each missing one has the version `missing`.
    """
    installed = {"ovtui": __version__}
    for package in packages:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            installed[package] = "missing"
    return installed
