"""`python -m ovtui.engine.ask.preview`: what the ignored scopes of a request's recipe match.

The request comes as JSON on standard input, `ScopePreviews` go to standard output. The
model is converted if it is not in the cache, and is kept there for the run that follows.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ovtui.core.asking.scope_preview import ScopePreview, ScopePreviews
from ovtui.core.runs.run_folder import Run
from ovtui.core.runs.run_request import Request
from ovtui.engine.ask.answer import answer_one
from ovtui.engine.run import stage_keys
from ovtui.engine.run.pinned import fetch
from ovtui.engine.run.runner import Runner
from ovtui.engine.store.layout import graph_of
from ovtui.engine.store.progress import Journal
from ovtui.engine.store.stage_work import job_of


def preview(request: Request, folder: Path, log: int) -> list[ScopePreview]:
    """Matches the ignored scopes of every variant against the converted model.

    Args:
        request: of a recipe.
        folder: for what stages leave.
        log: descriptor that libraries print to.

    Raises:
        UserError: the recipe cannot be done as it is.
        StageFailed: the model cannot be converted.
    """
    job = job_of(request)
    scopes = [
        (variant.name, name, scope)
        for variant in job.recipe.variants
        for name, method in variant.components.items()
        if (scope := getattr(method, "ignored_scope", None)) is not None
    ]
    if not scopes:
        return []
    run = Run(folder)
    job = fetch(run, job, Journal(run), log).job
    with Runner(run, Journal(run), log) as runner:
        todo = [
            stage_keys.conversion(job),
            stage_keys.collection(job, "evaluation", references=False),
        ]
        output = runner.together(todo[:1] if runner.is_done(todo[0]) else todo)[0]
    import openvino as ov

    from ovtui.engine.compression.ignored import rules

    core = ov.Core()
    models = {name: core.read_model(graph_of(output, name)) for _, name, _ in scopes}
    return [
        ScopePreview(variant, name, rules(models[name], scope)) for variant, name, scope in scopes
    ]


def _in_a_folder(request: Request) -> ScopePreviews:
    with tempfile.TemporaryDirectory() as folder:
        return ScopePreviews(scopes=preview(request, Path(folder), 2))


if __name__ == "__main__":
    sys.exit(answer_one(Request, ScopePreviews, _in_a_folder))
