"""Rules that stood in several places and disagreed have one home each; this finds another copy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ovtui

ROOT = Path(ovtui.__file__).parent
HOMES = {
    # How an error of somebody else's is told in one line.
    r"(?<!\bos)\.strerror\b|type\(\w+\)\.__name__\}: |\bstr\(error\)\.split\(\)": {
        "core/text/errors.py"
    },
    # The nearest valid word.
    r"get_close_matches": {"core/text/errors.py"},
    # Versions of libraries: of all that there is, and of what a use relies on.
    r"\bmetadata\.version\(|importlib\.metadata import": {
        "core/machine/machine.py",
        "engine/libraries/library_use.py",
    },
    # Where other libraries keep what they fetch.
    r'"(HF_HOME|HF_HUB_CACHE|HF_DATASETS_CACHE|TORCH_HOME)"': {"core/home/library_caches.py"},
    # The format of a run's id.
    r"\.strptime\(|rpartition\(['\"]-['\"]\)": {"core/runs/run_ids.py"},
    # Which files are tables, models, pictures and recordings.
    r'"\.(parquet|jsonl|ppm|flac)"[,:]': {"core/recipes/source.py"},
    # Intervals of medians and of ratios.
    r"(?<!def )\b(log_t_interval|order_statistics_interval)\(": {"core/statistics/blocks.py"},
    # Medians as benchmark_app has them; others are of logits, and of what a drawing is scaled by.
    r"\bmedian\(|np\.(percentile|quantile)\(": {
        "engine/tasks/generation.py",
        "tui/pages/comparison.py",
    },
    # Which metrics need no right answers.
    r"\.names_references\b|BUILT_IN\[\w+\]\.needs_references": {"core/recipes/references.py"},
    # Processors, tokenizers and feature extractors.
    r"Auto(Processor|Tokenizer|FeatureExtractor|ImageProcessor)\b": {"engine/models/processors.py"},
    # A sample through a compiled model: alone; the others are batches, pipelines, what is timed,
    # and texts that are read in pieces.
    r"\.create_infer_request\(\)": {
        "engine/models/inference.py",
        "engine/components/swap.py",
        "engine/evaluation/end_to_end.py",
        "engine/evaluation/infer.py",
        "engine/evaluation/requests.py",
        "engine/evaluation/teacher_forced.py",
        "engine/measuring/replay.py",
        "engine/measuring/worker.py",
        "engine/pipelines/pipeline.py",
    },
    # Checksums of files.
    r"\bfile_digest\(": {"engine/store/digests.py"},
    # Numbers with units, read.
    r'"[kmg]ib":': {"core/text/units.py"},
    # OpenVINO's devices of devices.
    r'"(MULTI|HETERO)"': {"core/machine/devices.py"},
}


@pytest.mark.parametrize("rule", HOMES)
def test_a_rule_has_one_home(rule: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if re.search(rule, path.read_text(encoding="utf-8"))
    }
    assert found == HOMES[rule]
