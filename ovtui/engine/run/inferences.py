"""What is inferred for an evaluation, and the keys that its outputs are kept by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from ovtui.core.machine.machine import versions
from ovtui.core.recipes.ir_xml import weights_beside
from ovtui.core.recipes.task import WHOLE_MODEL
from ovtui.engine.run.variants import PYTORCH, Artefact, Prepared
from ovtui.engine.store import fingerprint
from ovtui.engine.store.cache import content_key
from ovtui.engine.store.stage_work import Inference, Job

STORAGE_SAMPLES = 1000
"""What 16 bits for the weights do is looked at on so many samples: one in 761 may change."""
_LAYOUT = 1
"""Of what is kept beside outputs: another number keeps older ones from being found."""
_SCORES = "less their median"
"""What is kept of a pipeline's logits: outputs that were kept otherwise are not found."""


def inference_of(job: Job, artefact: Artefact, prepared: Prepared) -> Inference:
    """Returns a variant's turn of the evaluation.

    Args:
        job: how it generates, and on which device.
        artefact: of the variant; PyTorch's has no files to run.
        prepared: with the evaluation samples.

    Returns:
        With the key that its outputs are kept by: of the files, the samples, the device, this
        machine and OpenVINO's version.
    """
    of_pytorch = artefact.name == PYTORCH
    return Inference(
        variant=artefact.name,
        models={} if of_pytorch else {name: str(path) for name, path in artefact.files.items()},
        properties=artefact.properties_of(WHOLE_MODEL),
        bucket=artefact.bucket,
        key=content_key(
            layout=_LAYOUT,
            model=artefact.key,
            framework=versions("torch") if of_pytorch else None,
            evaluation=prepared.evaluation.key,
            generation=(job.recipe.generation, _SCORES),
            properties=[artefact.properties, artefact.chosen, artefact.bucket],
            device=job.device,
            machine=fingerprint.of_machine(),
            versions=versions("openvino"),
        ),
    )


def before_storage(inferences: Sequence[Inference], graph: Path | None) -> Inference | None:
    """Returns the turn of the baseline as it was before its weights were stored in 16 bits.

    Where PyTorch has its turn, that is it: its weights have 32 bits, and what conversion rounds is
    a thousandth of what 16 bits do. A third of all that is inferred in f32 is saved.

    Args:
        inferences: of all variants, the baseline's first.
        graph: with weights of 32 bits; None of a pipeline, which would have to write all its
            answers once more.
    """
    if graph is None:
        return None
    baseline = inferences[0]
    stored = Path(baseline.models[WHOLE_MODEL])
    if weights_beside(graph).stat().st_size == weights_beside(stored).stat().st_size:
        return None  # it had no weights of 32 bits
    if pytorch := next((it for it in inferences if not it.models), None):
        return pytorch
    return structs.replace(
        baseline,
        variant=f"{baseline.variant} with weights of 32 bits",
        models={WHOLE_MODEL: str(graph)},
        key=content_key(before_storage=baseline.key, most=STORAGE_SAMPLES),
        most=STORAGE_SAMPLES,
    )
