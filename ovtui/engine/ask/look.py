"""`python -m ovtui.engine.ask.look`: what a model and data are, for a recipe that is proposed.

`LookedFor` comes as JSON on standard input, `Looked` goes to standard output. Weights are not
loaded: a graph's file is read, and of a Hugging Face model its small files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from ovtui.core.asking.new_recipe import Looked, LookedFor
from ovtui.core.recipes import model_facts
from ovtui.core.recipes.data_facts import DataColumn, DataFacts, Split
from ovtui.core.recipes.model_facts import ModelFacts, Port
from ovtui.core.recipes.proposed_splits import evaluation_splits
from ovtui.core.recipes.recipe import Data, Subset
from ovtui.core.recipes.source import File, Folder, PythonFunction, data_source, model_source
from ovtui.core.text.errors import SourceError
from ovtui.engine.ask.answer import answer_one
from ovtui.engine.conversion.ports import inputs_of, outputs_of
from ovtui.engine.data.first_rows import columns_of_rows
from ovtui.engine.data.outputs import output_names
from ovtui.engine.data.selection import Table, open_split
from ovtui.engine.data.splits import place_of_rows, splits_of
from ovtui.engine.models.model_files import read_model
from ovtui.engine.models.sources import model_folder

_USUAL_SPLITS = ("train", "validation", "test")
_UNLABELLED = ["-1"]
"""The only class of a test split whose answers are kept back, as GLUE has it."""


def look(wanted: LookedFor) -> Looked:
    """Returns what the model and the data are.

    Raises:
        UserError: one of them cannot be read.
    """
    base = Path.cwd()
    data = None if wanted.data is None else _data(wanted.data, base)
    return Looked(model=_model(wanted.model, base), data=data)


def _model(text: str, base: Path) -> ModelFacts:
    source = model_source(text, base)
    if isinstance(source, File):
        return _graph(source, text)
    folder = model_folder(source, None)
    if folder is None:
        return ModelFacts(source=text, format="function")
    return model_facts.of_folder(folder, text)


def _graph(source: File, text: str) -> ModelFacts:
    """Inputs and outputs of an IR or ONNX file."""
    import openvino as ov

    model = read_model(ov.Core(), source.path)
    inputs = inputs_of(model)
    return ModelFacts(
        source=text,
        format="onnx" if source.kind == "onnx" else "openvino",
        inputs=_named(inputs, [port.name or "input" for port in inputs]),
        outputs=_named(outputs_of(model), output_names(model.outputs)),
    )


def _named(ports: Sequence[Port], names: Sequence[str]) -> list[Port]:
    return [structs.replace(port, names=[name]) for port, name in zip(ports, names, strict=True)]


def _data(text: str, base: Path) -> DataFacts:
    source = data_source(text, base)
    if isinstance(source, Folder):
        place = place_of_rows(source.path)
        if place != source.path:
            text = str(place)
            source = data_source(text, base)
    if isinstance(source, PythonFunction):
        tables = _tables_of_function(text, base)
    else:
        tables = {name: _table(text, name, base) for name in splits_of(source)}
    names = list(tables)
    for name in evaluation_splits(names):
        evaluated, columns = name, columns_of_rows(tables[name])
        if not any(_is_unlabelled(column) for column in columns):
            break
    splits = [Split(name=name, rows=len(table)) for name, table in tables.items()]
    return DataFacts(source=text, splits=splits, columns=columns, evaluated=evaluated)


def _tables_of_function(text: str, base: Path) -> dict[str, Table]:
    """What a function gives for the usual names of splits.

    Raises:
        SourceError: it takes none of them.
    """
    tables: dict[str, Table] = {}
    for name in _USUAL_SPLITS:
        try:
            tables[name] = _table(text, name, base)
        except SourceError as error:
            refused = error
    if not tables:
        raise refused
    return tables


def _table(text: str, split: str, base: Path) -> Table:
    subset = Subset(split=split)
    return open_split(Data(source=text, evaluation=subset), subset, base)


def _is_unlabelled(column: DataColumn) -> bool:
    return column.name == "label" and column.values == _UNLABELLED


if __name__ == "__main__":
    sys.exit(answer_one(LookedFor, Looked, look))
