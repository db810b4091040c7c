"""A recipe proposed for a model and data, each value with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ovtui.core.files.reading import TomlTable
from ovtui.core.recipes.data_facts import DataColumn, DataFacts
from ovtui.core.recipes.metrics import REFERENCE, fits
from ovtui.core.recipes.model_facts import ModelFacts, Port, shape_in_words
from ovtui.core.recipes.proposed_columns import Taken, columns_of_task, columns_of_tensors
from ovtui.core.recipes.proposed_labels import proposed_labels
from ovtui.core.recipes.proposed_splits import CALIBRATION_SAMPLES, proposed_splits
from ovtui.core.recipes.recipe_text import Decision
from ovtui.core.recipes.standard_variants import standard_variants
from ovtui.core.recipes.task import (
    ARRAYS,
    DETECTION,
    LANGUAGE,
    PICTURES,
    PIPELINES,
    SEGMENTATION,
    SENTENCES,
    TASKS,
)
from ovtui.core.text.errors import SourceError

_OF_PIPELINES = 30, 300
_OF_GRAPHS = CALIBRATION_SAMPLES, 2000
"""Samples that calibrate, and those that are evaluated. Accuracy of 2000 is known to ±2 points at
worst, by the normal approximation; a pipeline takes seconds for each."""
_BLIND = ("cosine", "agreement-map", "agreement-miou", "agreement")
"""Metrics without right answers, the finest first."""
_LEAST_CELLS = 7
"""Cells of a mask's side, as of a picture of 224 pixels in steps of 32."""


def propose(model: ModelFacts, data: DataFacts, task: str = "") -> list[Decision]:
    """Returns the values of a recipe, most important first.

    Args:
        model: what is compressed.
        data: what it is calibrated and judged with.
        task: as a person says; found where empty.

    Raises:
        SourceError: model and data do not go together, or their task is unknown; says what to do.
    """
    chosen = _task(model, data, task)
    columns = _columns(chosen.value, model, data)
    answer = columns.get(_answer(chosen.value))
    label = next(
        (column for column in data.columns if answer and column.name == answer.column), None
    )
    decisions = [chosen, *_metric(chosen.value, model, label)]
    decisions.append(Decision(key="model.source", value=model.source, reason=_of_model(model)))
    decisions.append(Decision(key="data.source", value=data.source, reason=_of_data(data)))
    decisions += _named(columns)
    if TASKS[chosen.value].names_classes or TASKS[chosen.value].candidates:
        decisions += proposed_labels(model, label)
    decisions += _preprocessing(chosen.value, model)
    decisions += _subsets(chosen.value, data, label, calibrated=_calibrates(chosen.value, columns))
    table = {"task": chosen.value}
    variants = standard_variants(table)
    reason = "the standard ones (as with --variants standard); leave out what you do not need"
    if not _calibrates(chosen.value, columns):
        variants = [variant for variant in variants if variant["name"] == "int8 weights"]
        lacking = TASKS[chosen.value].calibration[0].name
        reason = f"weights alone: calibration needs a column {lacking!r}"
    return [*decisions, Decision(key="variants", value=variants, reason=reason)]


def _task(model: ModelFacts, data: DataFacts, task: str) -> Decision:
    if task:
        return Decision(key="task", value=task, reason="as you said")
    if model.task:
        why = f"it is a {model.architecture}"
        if model.sentences:
            why = "sentence-transformers made it"
        uncertain = model.task == SENTENCES and not model.sentences
        return Decision(key="task", value=model.task, reason=why, uncertain=uncertain)
    if model.format == "huggingface":
        known = ", ".join(name for name in TASKS if name != ARRAYS)
        raise SourceError(
            f"{model.source}: {model.architecture or 'its config.json'} tells no task; "
            f"say it with --task: {known}"
        )
    kinds = {column.kind for column in data.columns}
    if takes_picture(model) and {"picture", "objects"} <= kinds:
        why = f"pictures with boxes: {shape_in_words(model.inputs[0])} in"
        return Decision(key="task", value=DETECTION, reason=why)
    pictures = [column.name for column in data.columns if column.kind == "picture"]
    if takes_picture(model) and gives_masks(model) and len(pictures) > 1:
        why = f"pictures and masks: {shape_in_words(model.outputs[0])} out"
        return Decision(key="task", value=SEGMENTATION, reason=why)
    if picture_input(model) and "picture" in kinds and kinds & {"name", "class"}:
        ports = f"{shape_in_words(model.inputs[0])} in, {shape_in_words(model.outputs[0])} out"
        return Decision(key="task", value=PICTURES, reason=f"pictures and classes: {ports}")
    if kinds & {"text"} and any("input_ids" in port.name for port in model.inputs):
        raise SourceError(
            f"{model.source}: takes token ids, the data hold texts; name the Hugging Face folder "
            "that it was made from, which has the tokenizer"
        )
    why = "a graph that takes arrays"
    return Decision(key="task", value=ARRAYS, reason=why)


def picture_input(model: ModelFacts) -> Port | None:
    """Returns the only input where it is a picture, and the output scores classes; else None."""
    return takes_picture(model) if _gives_scores(model) else None


def takes_picture(model: ModelFacts) -> Port | None:
    """Returns the only input where it is a picture; else None."""
    if len(model.inputs) != 1:
        return None
    port, shape = model.inputs[0], model.inputs[0].shape
    channels = shape is not None and len(shape) == 4 and {shape[1], shape[3]} & {1, 3}
    return port if channels else None


def gives_masks(model: ModelFacts) -> bool:
    """Returns whether an output has a value, or several, for each pixel or cell of a picture."""
    shapes = [port.shape for port in model.outputs if port.shape is not None]
    cells = [
        shape[1:] if len(shape) == 3 else sorted(shape[1:])[1:]
        for shape in shapes
        if len(shape) in (3, 4)
    ]
    return any(min(sides) == -1 or min(sides) >= _LEAST_CELLS for sides in cells)


def _columns(task: str, model: ModelFacts, data: DataFacts) -> dict[str, Taken]:
    """The data's columns.

    Raises:
        SourceError: one that nothing works without is not there.
    """
    there = ", ".join(f"{column.name} ({column.kind})" for column in data.columns)
    if TASKS[task].arrays:
        columns = columns_of_tensors(model, data.columns)
        for port in model.inputs:
            if port.name not in columns:
                raise SourceError(
                    f"{data.source}: no column fits the input {port.name!r} "
                    f"({shape_in_words(port)}); there are {there}"
                )
        return columns
    columns = columns_of_task(task, data.columns)
    for item in TASKS[task].inputs:
        if item.name not in columns and not item.optional:
            raise SourceError(
                f"{data.source}: no column holds the {item.name} ({' or '.join(item.kinds)}) "
                f"that {task} needs; there are {there}"
            )
    return columns


def _answer(task: str) -> str:
    """The key of right answers in `data.columns`, without which variants can be compared still."""
    answer = TASKS[task].answer
    return REFERENCE if answer is None else answer.name


def _calibrates(task: str, columns: Mapping[str, Taken]) -> bool:
    """Whether there is all that calibration needs, as captions of pictures."""
    return all(column.name in columns for column in TASKS[task].calibration)


def _metric(task: str, model: ModelFacts, answer: DataColumn | None) -> Iterator[Decision]:
    """What judges, and how much worse it may get."""
    own = TASKS[task].metric
    if task == LANGUAGE:
        yield Decision(key="metric", value=own, reason="every token of a text is a right answer")
        also = ["kl-divergence", "same-top-token"]
        yield Decision(key="also", value=also, reason="how far its tokens are from the baseline's")
    elif answer is None:
        blind = next(
            it
            for it in ("cosine", "agreement-map", "agreement-miou", "agreement")
            if fits(it, task)
        )
        why = "the data have no right answers, so the baseline's stand for them"
        yield Decision(key="metric", value=blind, reason=why)
    elif not TASKS[task].arrays:
        yield Decision(key="metric", value=own, reason="the task's own")
    elif answer.kind == "class" and _gives_scores(model):
        yield Decision(key="metric", value="accuracy", reason=f"{answer.name!r} holds classes")
    else:
        why = f"mean absolute error to {answer.name!r}"
        yield Decision(key="metric", value="mae", reason=why)
        yield Decision(key="also", value=["cosine"], reason="nearness to the baseline's outputs")
        if answer.deviation:
            drop = float(f"{answer.deviation / 100:.2g}")
            why = f"a hundredth of the standard deviation of {answer.name!r}"
            yield Decision(key="max_drop", value=drop, reason=why, uncertain=True)
            return
    why = "how much worse the metric may get, in its own units; decides the verdict"
    yield Decision(key="max_drop", value=0.01, reason=why)


def _gives_scores(model: ModelFacts) -> bool:
    """Whether the only output is one score for each of several classes."""
    shapes = [port.shape for port in model.outputs]
    return len(shapes) == 1 and shapes[0] is not None and len(shapes[0]) == 2 and shapes[0][1] != 1


def _named(columns: Mapping[str, Taken]) -> Iterator[Decision]:
    """`data.columns`, of what the data do not call as the task does."""
    named = {name: column for name, column in columns.items()}
    if not named:
        return
    reason = "; ".join(f"{name}: {it.reason}" for name, it in named.items())
    value = {name: it.column for name, it in named.items()}
    uncertain = any(it.uncertain for it in named.values())
    yield Decision(key="data.columns", value=value, reason=reason, uncertain=uncertain)


def _preprocessing(task: str, model: ModelFacts) -> Iterator[Decision]:
    """From pictures to a graph's input, where no processor of the model's own does it."""
    port = picture_input(model) if task == PICTURES else takes_picture(model)
    if (
        task not in (PICTURES, DETECTION, SEGMENTATION)
        or model.has_processor
        or port is None
        or port.shape is None
    ):
        return
    last = port.shape[3] in (1, 3)
    height, width = port.shape[1:3] if last else port.shape[2:]
    channels = port.shape[3] if last else port.shape[1]
    place = "data.preprocessing"
    if height > 0 and width > 0:
        why = f"the input takes {shape_in_words(port)}"
        yield Decision(key=f"{place}.resize", value=[height, width], reason=why)
        if task == DETECTION:
            why = "as most detectors are trained; a file does not tell: else stretch, or top-left"
            yield Decision(key=f"{place}.fit", value="letterbox", reason=why, uncertain=True)
    if last:
        yield Decision(key=f"{place}.layout", value="nhwc", reason="channels come last")
    if channels == 1:
        yield Decision(key=f"{place}.colour", value="grey", reason="one channel")
    if port.kind in ("u8", "i8"):
        why = "the input takes bytes: the graph scales them itself"
        yield Decision(key=f"{place}.scale", value=1.0, reason=why)
        return
    why = (
        "numbers from 0 to 1; a model's file does not tell what it was trained with: ImageNet's is "
        "mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225], and scale = 1.0 is 0 to 255"
    )
    yield Decision(key=f"{place}.scale", value=255.0, reason=why, uncertain=True)


def _subsets(
    task: str, data: DataFacts, label: DataColumn | None, *, calibrated: bool
) -> Iterator[Decision]:
    """Which rows calibrate and which are evaluated."""
    most, limit = _OF_PIPELINES if task in PIPELINES else _OF_GRAPHS
    proposed = proposed_splits(data.splits, data.evaluated, label, most)
    rows = next(split.rows for split in data.splits if split.name == data.evaluated)
    subsets: list[tuple[str, TomlTable, str]] = []
    if calibrated:
        subsets.append(("calibration", proposed.calibration, proposed.reason))
    evaluation = proposed.evaluation | ({"samples": limit} if rows > limit else {})
    subsets.append(("evaluation", evaluation, "none of these calibrate" if calibrated else ""))
    for name, values, reason in subsets:
        for number, (key, value) in enumerate(values.items()):
            yield Decision(
                key=f"data.{name}.{key}",
                value=value,
                reason="" if number else reason,
                uncertain=proposed.uncertain and not number,
            )


def _of_model(model: ModelFacts) -> str:
    """Inputs and outputs of a graph, or the architecture."""
    if not model.inputs:
        return model.architecture
    return "; ".join(
        f"{word} {', '.join(f'{port.name} {shape_in_words(port)}' for port in ports)}"
        for word, ports in (("takes", model.inputs), ("gives", model.outputs))
    )


def _of_data(data: DataFacts) -> str:
    return ", ".join(f"{split.name}: {split.rows} rows" for split in data.splits)


def uncertain(decisions: Sequence[Decision]) -> list[Decision]:
    """Returns the guesses, which a person should look at."""
    return [decision for decision in decisions if decision.uncertain]
