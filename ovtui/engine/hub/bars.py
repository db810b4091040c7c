"""The bars of `huggingface_hub` as events: bytes, rate and time left."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ovtui.engine.store.progress import Journal, Step


class Downloaded:
    """Bytes of one download, over all its files and tries.

    Args:
        journal: where they go; None where nobody looks.
        name: of the step.
        total: bytes that were missing at first.
    """

    def __init__(self, journal: Journal | None, name: str, total: int) -> None:
        self._step: Step | None = None
        if journal is not None:
            self._step = journal.step(name, total, unit="bytes")
        self._total = total
        self._before = 0
        self._bars: list[Any] = []

    def begin(self, missing: int) -> None:
        """Starts a try: so many bytes are still missing."""
        self._before = self._total - missing
        self._bars = []

    def look(self) -> None:
        """Tells how far the bars are."""
        if self._step is None:
            return
        # Xet's bars count what came over the network and what was written: one runs ahead.
        here = max((bar.n for bar in self._bars), default=0)
        self._step.set(max(self._step.done, min(self._total, self._before + here)))

    def finish(self) -> None:
        """Ends the bars: nothing more comes."""
        if self._step is not None:
            self._step.finish()

    def bar_class(self) -> type:
        """Returns the class of bar that a download is given: it draws nothing and counts bytes
        here.
        """
        from tqdm.std import tqdm

        downloaded = self

        class Bar(tqdm):  # type: ignore[misc, type-arg, unused-ignore]
            monitor_interval = 0  # no thread that redraws

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **{**kwargs, "disable": False, "file": StringIO()})
                if self.unit == "B":
                    downloaded._bars.append(self)

            def update(self, n: float | None = 1) -> bool | None:
                self.n += n or 0
                downloaded.look()
                return None

            def display(self, *args: Any, **kwargs: Any) -> bool:
                return True

        return Bar
