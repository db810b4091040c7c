"""A task is one row and one file: the row leads to the file, to transformers and to a metric."""

from __future__ import annotations

import pytest
import transformers

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
    assert issubclass(kind, Generation) == bool(row.components)
