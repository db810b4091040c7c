"""Repositories laid out as those that the recipes name, with tiny weights and few rows."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.support.tiny_segmenters import write_segmenter
from tests.support.tiny_text import WORDS, write_tokenizer

MRPC = "Intel/bert-base-uncased-mrpc"
MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SEGFORMER = "nvidia/segformer-b0-finetuned-ade-512-512"
GLUE = "nyu-mll/glue"
SCRIPT = "HuggingFaceM4/VQAv2"
CIFAR_MODELS = "chenyaofo/pytorch-cifar-models"
CIFAR_WEIGHTS = "cifar10_mobilenetv2_x1_0-fe6a5b48.pt"
DEMO = Path(__file__).parents[2] / "recipes" / "demo"
TWINS = {
    "openai/whisper-base": "whisper-digits",
    "openai/clip-vit-base-patch16": "clip-digits",
    "Salesforce/blip-vqa-base": "blip-digits",
}
"""Models of the hub, and the tiny ones of the same family that take their places."""
PICKLED = (MRPC, "openai/clip-vit-base-patch16")
"""Those that have no safetensors on `main`."""

EQUIVALENT = ["not_equivalent", "equivalent"]
CIFAR = "airplane automobile bird cat deer dog frog horse ship truck"

_SPLITS = ("train", "validation", "test")
_ANSWERS = [{"answer": "two", "answer_confidence": "yes", "answer_id": 1}]
_QUESTION = {"image": None, "question": "how many?", "answers_original": _ANSWERS}


def write_hub(root: Path) -> None:
    """All of them, as `models/OWNER/NAME` and `datasets/OWNER/NAME`."""
    models, data = root / "models", root / "datasets"
    for name, twin in TWINS.items():
        shutil.copytree(DEMO / twin, models / name)
    _write_mrpc(models / MRPC)
    _write_minilm(models / MINILM)
    write_segmenter(models / SEGFORMER, "Segformer")
    for name in PICKLED:
        _pickle(models / name)
    for config in ("qqp", "mrpc"):
        for split in _SPLITS:
            _write_split(data / GLUE / config, split, _pairs(split), {"label": EQUIVALENT})
    _write_card(data / GLUE, {"qqp": _SPLITS, "mrpc": _SPLITS})
    _write_rest(data)
    _write_torch_hub(models / CIFAR_MODELS)
    (data / SCRIPT).mkdir(parents=True)
    (data / SCRIPT / "VQAv2.py").write_text("import datasets\n")


def _write_rest(data: Path) -> None:
    """The data sets of the other recipes: columns, splits and configurations are the real ones."""
    scores = [{"sentence1": WORDS[n], "sentence2": WORDS[-n], "score": n / 12} for n in range(12)]
    _write(data / "sentence-transformers/stsb", {"data": _SPLITS}, scores)
    _write_card(data / "sentence-transformers/stsb", {"default": _SPLITS}, place="data")
    picture = [{"img": None, "label": n % 2} for n in range(4)]
    names = {"label": CIFAR.split()}
    _write(data / "uoft-cs/cifar10", {"plain_text": ("train", "test")}, picture, names)
    _write_card(data / "uoft-cs/cifar10", {"plain_text": ("train", "test")})
    speech = [{"audio": None, "dataset": "x", "text": "one", "id": str(n)} for n in range(4)]
    parts = ("validation.clean", "validation.other", "test.clean", "test.other")
    _write(data / "japanese-asr/en_asr.esb_eval", {"librispeech": parts}, speech)
    _write_card(data / "japanese-asr/en_asr.esb_eval", {"librispeech": parts})
    captions = [{"image_url": f"http://127.0.0.1:9/{n}.jpg", "caption": "a"} for n in range(4)]
    owner = data / "google-research-datasets/conceptual_captions"
    _write(owner, {"unlabeled": ("train", "validation")}, captions)
    _write_card(owner, {"unlabeled": ("train", "validation")})
    scenes = [{"image": None, "annotation": None, "scene_category": 0} for _ in range(4)]
    owner = data / "merve/scene_parse_150"
    _write(owner, {"data": ("train", "validation", "test")}, scenes)
    _write_card(owner, {"default": ("train", "validation", "test")}, place="data")
    # These have no configurations in their cards: the names of the files say what they are.
    owner = data / "Multimodal-Fatima"
    for split in ("train", "validation"):
        _write(owner / f"VQAv2_sample_{split}", {"data": (split,)}, [_QUESTION] * 12)
    captions = [{"image": None, "sentences_raw": ["a dog"], "cocoid": n} for n in range(4)]
    _write(owner / "COCO_captions_test", {"data": ("test",)}, captions)
    info = {"splits": [{"name": "train", "num_examples": 1000, "num_bytes": 1}]}
    card = yaml.safe_dump({"dataset_info": info})  # written when there were more rows
    (owner / "VQAv2_sample_train" / "README.md").write_text(f"---\n{card}---\n")


def _write_torch_hub(folder: Path) -> None:
    """What stands in for GitHub: the archive of a branch, and the weights of a release."""
    import torch

    folder.mkdir(parents=True)
    torch.save({"1.weight": torch.eye(10, 3072), "1.bias": torch.zeros(10)}, folder / CIFAR_WEIGHTS)
    with zipfile.ZipFile(folder / "master.zip", "w") as archive:
        place = CIFAR_MODELS.replace("/", "-") + "-fe6a5b4"  # the branch's commit, as GitHub has it
        archive.mkdir(place)
        archive.writestr(f"{place}/hubconf.py", _HUBCONF)


_HUBCONF = f"""
import os
import torch

def cifar10_mobilenetv2_x1_0(pretrained=False):
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3072, 10))
    if pretrained:
        url = os.environ["HF_ENDPOINT"] + "/{CIFAR_MODELS}/resolve/main/{CIFAR_WEIGHTS}"
        model.load_state_dict(torch.hub.load_state_dict_from_url(url, progress=False))
    return model
"""


def _write_mrpc(folder: Path) -> None:
    import transformers

    names = dict(enumerate(EQUIVALENT))
    transformers.BertForSequenceClassification(_bert(id2label=names)).save_pretrained(folder)
    write_tokenizer(folder)
    _take_long_texts(folder)


def _write_minilm(folder: Path) -> None:
    """A sentence-transformers model: its pooling has a folder of its own."""
    import transformers

    transformers.BertModel(_bert()).save_pretrained(folder)
    write_tokenizer(folder)
    _take_long_texts(folder)
    modules = [{"idx": 0, "path": ""}, {"idx": 1, "path": "1_Pooling"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))


def _bert(**settings: Any) -> Any:
    import transformers

    return transformers.BertConfig(
        vocab_size=5 + len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        **settings,
    )


def _take_long_texts(folder: Path) -> None:
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_max_length": 512}))


def _pickle(folder: Path) -> None:
    """Keep a model's weights in PyTorch's own format instead."""
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _pairs(split: str) -> list[dict[str, Any]]:
    """Pairs of texts; those of different splits differ."""
    first = 40 * _SPLITS.index(split)
    return [
        {
            "sentence1": " ".join(WORDS[(n + k) % len(WORDS)] for k in range(3 + n % 4)),
            "sentence2": " ".join(WORDS[(n * k) % len(WORDS)] for k in range(2 + n % 3)),
            "label": n % 2,
            "idx": n,
        }
        for n in range(first, first + 24)
    ]


def _write(
    folder: Path,
    places: Mapping[str, Sequence[str]],
    rows: list[dict[str, Any]],
    classes: Mapping[str, list[str]] | None = None,
) -> None:
    for place, splits in places.items():
        for split in splits:
            _write_split(folder / place, split, rows, classes or {})


def _write_split(
    folder: Path, split: str, rows: list[dict[str, Any]], classes: Mapping[str, list[str]]
) -> None:
    import datasets

    folder.mkdir(parents=True, exist_ok=True)
    made = datasets.Dataset.from_list(rows)
    for column, names in classes.items():
        made = made.cast_column(column, datasets.ClassLabel(names=names))
    made.to_parquet(str(folder / f"{split}-00000-of-00001.parquet"))


def _write_card(
    folder: Path, configs: Mapping[str, Sequence[str]], place: str | None = None
) -> None:
    listed = [
        {
            "config_name": name,
            "data_files": [
                {"split": split, "path": f"{place or name}/{split}-*"} for split in splits
            ],
        }
        for name, splits in configs.items()
    ]
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': listed})}---\n# a card\n")
