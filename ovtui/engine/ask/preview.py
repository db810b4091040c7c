"""`python -m ovtui.engine.ask.preview`: what the ignored scopes of a request's recipe match.

The request comes as JSON on standard input, a list of `ScopePreview` goes to standard output. The
model is converted if it is not in the cache, and is kept there for the run that follows.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import msgspec

from ovtui.core.asking.scope_preview import ScopePreview
from ovtui.core.runs.run_folder import Request, Run
from ovtui.core.text.errors import UserError
from ovtui.engine.processes.process import StageFailed
from ovtui.engine.run import stage_keys
from ovtui.engine.run.job import job_of
from ovtui.engine.run.pinned import fetch
from ovtui.engine.run.runner import Runner
from ovtui.engine.store.layout import graph_of
from ovtui.engine.store.progress import Journal


def preview(request: Request, folder: Path, log: int) -> list[ScopePreview]:
    """Matches the ignored scopes of every variant against the converted model.

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


def main() -> int:
    """Answers one request."""
    given, answer = sys.stdin.buffer.read(), os.dup(1)
    os.dup2(2, 1)  # what libraries print is no answer
    try:
        request = msgspec.json.decode(given, type=Request)
        with tempfile.TemporaryDirectory() as folder:
            previews = preview(request, Path(folder), 2)
    except (UserError, StageFailed) as error:
        os.write(answer, msgspec.json.encode({"error": str(error)}))
        return 1
    with os.fdopen(answer, "wb") as out:
        out.write(msgspec.json.encode({"scopes": previews}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
