"""What a person needs to know of a variant's files beside their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.engine.run.variants import Artefact
from ovtui.engine.store import fingerprint
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_output import Converted


def warn_of_types(converted: Converted, journal: Journal) -> None:
    """Warns of a model that calculates in a type that its variants do not."""
    if others := converted.calculated_in:
        journal.warn(
            f"the model calculates in {' and '.join(others)}; every variant, the baseline too, "
            "calculates in float32, and its inputs and outputs are float32"
        )


def warn_of_compression(artefact: Artefact, journal: Journal) -> None:
    """Warns of what a variant's compression found out, now or when its files were made."""
    for component, compressed in artefact.compressed.items():
        part = "" if component == WHOLE_MODEL else f"{component}: "
        for doubt in compressed.doubts:
            journal.warn(f"{part}{doubt}")
        for warning in compressed.warnings:
            journal.warn(f"{artefact.name}: {part}{warning}")


def warn_of_equal_files(artefacts: Sequence[Artefact], journal: Journal) -> None:
    """Warns of variants that were to be compressed in different ways, and are the same files."""
    first: dict[tuple[str, ...], str] = {}
    for artefact in artefacts:
        if artefact.compressed and not any(it.unchanged for it in artefact.compressed.values()):
            files = tuple(map(fingerprint.of_calculation, artefact.files.values()))
            other = first.setdefault(files, artefact.name)
            if other != artefact.name:
                journal.warn(f"{artefact.name}: the files are the same as those of {other}")
