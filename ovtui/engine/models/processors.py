"""What a Hugging Face model prepares its inputs with: loaded from its folder's files, or refused.

No code of the folder's is ever run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ovtui.core.text.errors import SourceError, reason
from ovtui.engine.data.spool import Arrays

if TYPE_CHECKING:
    import numpy.typing as npt
    from transformers import (
        BaseImageProcessor,
        FeatureExtractionMixin,
        PretrainedConfig,
        PreTrainedTokenizerBase,
        ProcessorMixin,
    )

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
)
_IMAGE_FILES = ("preprocessor_config.json", "processor_config.json")
_LOCALLY: dict[str, bool] = {"local_files_only": True, "trust_remote_code": False}


class Parts:
    """A listener and a tokenizer that no processor's class joins: what speech recognition needs.

    Args:
        feature_extractor: turns sound into the model's inputs.
        tokenizer: turns tokens into text.
    """

    def __init__(
        self, feature_extractor: FeatureExtractionMixin, tokenizer: PreTrainedTokenizerBase
    ) -> None:
        self.feature_extractor = feature_extractor
        self.tokenizer = tokenizer
        self.batch_decode = tokenizer.batch_decode

    def __call__(self, audio: np.ndarray, **how: Any) -> Any:
        """The model's inputs for a recording."""
        return self.feature_extractor(audio, **how)


def arrays_of(outputs: Mapping[str, npt.ArrayLike]) -> Arrays:
    """Returns a processor's outputs as arrays with a batch axis of one: int64 or float32."""
    arrays = {}
    for name, value in outputs.items():
        array = np.asarray(value)
        arrays[name] = array.astype(np.int64 if array.dtype.kind in "iub" else np.float32)
    return arrays


def load_processor(folder: Path | None) -> ProcessorMixin:
    """Returns the model's processor, or its tokenizer where it has no more.

    Args:
        folder: of a Hugging Face model; None where the recipe names no such model.

    Raises:
        SourceError: there is none that can be loaded.
    """
    if folder is None:
        raise SourceError(
            "model.source: a pipeline needs its processor; give a Hugging Face id or folder"
        )
    return _loaded("AutoProcessor", folder, "processor")


def load_listener(folder: Path | None) -> ProcessorMixin | Parts:
    """Returns the processor of a model of speech.

    It is made of its parts where the folder names no class of it.

    Args:
        folder: of a Hugging Face model; None where the recipe names no such model.

    Raises:
        SourceError: there is none that can be loaded.
    """
    try:
        processor = load_processor(folder)
        if hasattr(processor, "sampling_rate") or hasattr(processor, "feature_extractor"):
            return processor
    except SourceError:
        if folder is None:
            raise
    extractor = _loaded("AutoFeatureExtractor", folder, "feature extractor")
    return Parts(extractor, load_tokenizer(folder))


def listen(processor: ProcessorMixin, sound: np.ndarray, rate: int, **how: Any) -> Arrays:
    """Returns what a processor of speech makes of a recording, in full.

    Sound goes by its name, `audio`: SpeechT5's processor takes it for nothing else.

    Args:
        processor: as `load_listener` gives it.
        sound: float32 [samples].
        rate: samples per second.
        how: further arguments.
    """
    given = {"sampling_rate": rate, "return_tensors": "np", **how}
    if hasattr(processor, "tokenizer"):
        return dict(processor(audio=sound, **given))
    return dict(processor(sound, **given))  # a feature extractor alone has another name for it


def load_image_processor(folder: Path | None) -> BaseImageProcessor:
    """Returns what turns pictures into the model's inputs.

    Args:
        folder: of a Hugging Face model; None where the recipe names no such model.

    Raises:
        SourceError: there is none that can be loaded.
    """
    folder, advice = Path(folder or ""), "give [data.preprocessing] in the recipe"
    if not any((folder / name).is_file() for name in _IMAGE_FILES):
        raise SourceError(f"{folder}: has no {_IMAGE_FILES[0]}; {advice}")
    return _loaded("AutoImageProcessor", folder, "image processor", advice=f"; {advice}")


def load_tokenizer(
    folder: Path | None, settings: PretrainedConfig | None = None
) -> PreTrainedTokenizerBase:
    """Returns what turns texts into the model's inputs.

    Args:
        folder: the model's, with the tokenizer's files.
        settings: the model's configuration, where its file does not say of what kind it is.

    Raises:
        SourceError: there is none that can be loaded.
    """
    if folder is None:
        raise SourceError(
            "model.source: texts need the model's tokenizer; give a Hugging Face id or folder"
        )
    if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        raise SourceError(f"{folder}: holds no tokenizer (expected tokenizer.json)")
    how = {} if settings is None else {"config": settings}
    return _loaded("AutoTokenizer", folder, "tokenizer", **how)


def _loaded(kind: str, folder: Path | None, what: str, *, advice: str = "", **how: Any) -> Any:
    """What a class of transformers makes of a folder's files.

    Raises:
        SourceError: it makes nothing of them, or needs code that comes with them.
    """
    import transformers

    try:
        return getattr(transformers, kind).from_pretrained(folder, **_LOCALLY, **how)
    except Exception as error:
        raise SourceError(f"{folder}: its {what} {_why(error)}{advice}") from error


def _why(error: Exception) -> str:
    text = str(error)
    if "custom code" in text or "trust_remote_code" in text:
        return "needs code from its repository, which is not run"
    return f"cannot be loaded: {reason(error)}"
