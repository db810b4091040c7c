"""What a stage of a run does: one word for its name, its folder in the cache and its process."""

from __future__ import annotations

from enum import StrEnum


class StageKind(StrEnum):
    """A kind of stage, by the word that the cache's folders and a stage process know it by."""

    DOWNLOAD = "download"
    CONVERT = "convert"
    COLLECT = "collect"
    TRY = "try"
    RECORD = "record"
    COMPRESS = "compress"
    AGREE = "agree"
    CHOOSE = "choose"
    EVALUATE = "evaluate"
    MEASURE = "measure"

    def name_of(self, what: str = "") -> str:
        """Returns the stage's name, as plans, events and `result.json` have it.

        Args:
            what: is collected, compressed or executed, as in `calibration` or `int8 decoder`.
        """
        match self:
            case StageKind.COLLECT:
                return f"{what} data"
            case StageKind.TRY:
                return "metrics tried"
            case StageKind.RECORD:
                return "component inputs"
            case StageKind.AGREE:
                return f"{what} agreement"
            case StageKind.CHOOSE:
                return f"{what} execution"
        return f"{self} {what}".rstrip()
