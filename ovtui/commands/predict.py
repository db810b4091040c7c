"""`ovtui predict`: what the models of a run say of an input."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ovtui.commands.arguments import Parser
from ovtui.commands.output import print_json, say, tell_trusted
from ovtui.commands.written import Written
from ovtui.core.asking.ask_models import ModelAnswers, Question
from ovtui.core.asking.session import Answered, AskingSession, Expects, Waits, Writes
from ovtui.core.reports import subtitles
from ovtui.core.reports.answers import duration, side_by_side
from ovtui.core.results.prediction import Prediction, Segment, TranscriptPrediction
from ovtui.core.runs.run_folder import find
from ovtui.core.text.errors import UserError

_SUBTITLES = {"srt": subtitles.srt, "vtt": subtitles.vtt}


def main(arguments: Sequence[str]) -> int:
    """Asks the models of a run."""
    options = _parser().parse(arguments)
    as_subtitles = options.format in _SUBTITLES
    if as_subtitles and (options.json or len(options.variant) != 1):
        raise UserError(
            f"--format {options.format}: writes what one variant says; name it with --variant, "
            "and leave --json out"
        )
    run = find(options.run)
    if options.trust:
        tell_trusted(run)
    question = _question(options, run.folder)
    try:
        answers = asyncio.run(_answers(question))
    except KeyboardInterrupt:
        say("stopped: nothing was answered to its end")
        raise
    for note in answers.notes:
        say(note)
    if options.json or options.format == "json":
        print_json(_document(answers))
    elif as_subtitles:
        ((name, prediction),) = answers.predictions.items()
        print(_SUBTITLES[options.format](_segments(prediction)), end="")
        say(f"{name}: {duration(answers.times[name])}")
    else:
        print(side_by_side(answers, probabilities=bool(options.labels)))
    return 0


async def _answers(question: Question) -> ModelAnswers:
    """What all variants answer; told meanwhile is what takes long, and what they have written.

    Raises:
        UserError: the run, a variant or the input is none that can be used, and why.
    """
    session, written = AskingSession(kept=False), Written()
    answers = ModelAnswers()
    try:
        async for reply in session.ask(question):
            match reply:
                case Expects(words=words) | Waits(words=words):
                    written.end()
                    say(words)
                case Writes():
                    written.show(reply)
                case Answered():
                    answers = reply.answers
    finally:
        written.end()
        await session.close()
    if answers.error:
        raise UserError(answers.error)
    return answers


def _parser() -> Parser:
    """What can be asked, and how it is told."""
    parser = Parser("predict", "Ask the models of a finished run: all variants, side by side.")
    parser.add_argument("run", help="id, unique prefix, last, or a folder")
    parser.add_argument(
        "--variant", action="append", default=[], metavar="V", help="ask only these (repeatable)"
    )
    parser.add_argument("--image", metavar="FILE", help="a picture")
    parser.add_argument(
        "--audio",
        metavar="FILE",
        help="a recording: WAV, FLAC, Ogg, MP3; where ffmpeg is installed, also a video, "
        "and all else that it reads",
    )
    parser.add_argument(
        "--text", action="append", default=[], help="a text; twice for a pair of them"
    )
    parser.add_argument(
        "--question", help="about the picture; without one, a model that can gives a caption"
    )
    parser.add_argument(
        "--labels",
        nargs="+",
        action="extend",
        default=[],
        metavar="L",
        help="zero-shot: candidates of your own, as in cat dog 'a wolf', or 'cat,dog,a wolf'; "
        "all probabilities are printed",
    )
    parser.add_argument(
        "--prompt", help="zero-shot: the words around each label, as in 'a photo of a {label}'"
    )
    parser.add_argument(
        "--language", help="Whisper: what is spoken, as in de or german; auto to detect it"
    )
    parser.add_argument(
        "--translate",
        action=argparse.BooleanOptionalAction,
        help="Whisper: write it down in English",
    )
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="an array: NAME=FILE.npy for each input, or FILE.npz with all of them by name",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write all outputs of arrays to an .npz file"
    )
    parser.add_argument(
        "--format",
        choices=("text", *_SUBTITLES, "json"),
        default="text",
        help="srt and vtt: the subtitles of one variant (default: text)",
    )
    parser.add_argument(
        "--trust", action="store_true", help="run the code that a run made elsewhere names"
    )
    parser.add_json()
    return parser


def _question(options: argparse.Namespace, folder: Path) -> Question:
    """What is asked of a run.

    Raises:
        UserError: a file is not there, or an input is given twice.
    """
    return Question(
        run=str(folder),
        variants=options.variant,
        image=_file(options.image),
        audio=_file(options.audio),
        question=options.question,
        texts=options.text,
        inputs=_arrays(options.input),
        labels=_labels(options.labels),
        prompt=options.prompt,
        language=options.language,
        translate=options.translate,
        output=str(Path(options.output).expanduser().resolve()) if options.output else None,
        timed=options.format != "text" or options.json,
        trust=options.trust,
    )


def _document(answers: ModelAnswers) -> dict[str, Any]:
    """What `--json` prints."""
    names = ("input", "predictions", "times", "notes")
    return {name: getattr(answers, name) for name in names}


def _labels(given: Sequence[str]) -> list[str]:
    """Labels that are words of their own; a single word may hold several, between commas."""
    labels = given[0].split(",") if len(given) == 1 else given
    return [label.strip() for label in labels]


def _file(name: str | None) -> str | None:
    """A file's whole path: the engine may work elsewhere.

    Raises:
        UserError: there is no such file.
    """
    if name is None:
        return None
    if re.match(r"[a-z][a-z0-9+.-]+://", name, re.IGNORECASE):
        raise UserError(f"{name}: is an address; download the file first, then name that")
    path = Path(name).expanduser().resolve()
    if not path.is_file():
        raise UserError(f"{name}: {'is no file' if path.exists() else 'no such file'}")
    return str(path)


def _arrays(given: Sequence[str]) -> dict[str, str]:
    """Files of arrays by the input's name, which may be empty.

    Raises:
        UserError: a file is not there, or an input is given twice.
    """
    arrays: dict[str, str] = {}
    for text in given:
        name, equals, file = text.rpartition("=")
        if not equals or Path(text).is_file():
            name, file = "", text
        if name in arrays:
            raise UserError(f"--input {text}: {name or 'a file of all inputs'} is there twice")
        arrays[name] = _file(file) or ""
    return arrays


def _segments(prediction: Prediction) -> list[Segment]:
    if not isinstance(prediction, TranscriptPrediction):
        raise UserError("this model gives no times: subtitles need those of Whisper")
    return prediction.segments
