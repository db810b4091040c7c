"""A task is one row and one file: the row leads to the file, to transformers and to a metric."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import transformers

import ovtui
from ovtui.core.recipes.metrics import fits
from ovtui.core.recipes.task import TASKS
from ovtui.engine.tasks import Task, task_class
from ovtui.engine.tasks.generation import Generation


@pytest.mark.parametrize("name", TASKS)
def test_a_row_is_true(name: str) -> None:
    row = TASKS[name]
    kind = task_class(name)
    assert issubclass(kind, Task) and kind.__module__.endswith(row.handler.partition(":")[0])
    assert hasattr(transformers, row.auto_class)
    assert fits(row.metric, name)
    assert not row.ctc_class or hasattr(transformers, row.ctc_class)
    assert issubclass(kind, Generation) == bool(row.components)
    assert row.arrays or (row.inputs and row.answer), "columns of a task that knows its inputs"
    assert all(column.option or column.optional for column in row.inputs), "a person can ask it"
    assert row.without_question in ("", *TASKS)


def test_a_tasks_name_is_spelt_in_the_table_alone() -> None:
    package = Path(ovtui.__file__).parent
    spelt = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in TASKS
    }
    assert spelt == {"core/recipes/task.py"}
