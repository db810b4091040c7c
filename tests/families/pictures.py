"""Families that look at pictures: classifiers, with or without texts, and captions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import transformers

from tests.families.family import Family, lively
from tests.families.texts import TEXT, WIDTH, write_words

SIDE = 32
VISION: dict[str, Any] = {
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": SIDE,
    "patch_size": 8,
}
_NAMES = {0: "dog", 1: "cat", 2: "bird"}
_STAGES = {
    "embed_dim": 8,
    "depths": [1, 1],
    "num_attention_heads": [2, 2],
    "window_size": 2,
    "patch_size": 4,
}


def _square(size: int = SIDE) -> Any:
    return transformers.ViTImageProcessor(size={"height": size, "width": size})


def _classifier(title: str, name: str, *, sized: bool = True, **further: Any) -> Family:
    def write(folder: Path) -> None:
        sizes = (VISION if sized else {}) | {
            "id2label": _NAMES,
            "label2id": {it: k for k, it in _NAMES.items()},
        }
        config = getattr(transformers, f"{name}Config")(**sizes | further)
        model = getattr(transformers, f"{name}ForImageClassification")(config)
        lively(model).save_pretrained(folder)
        _square().save_pretrained(folder)

    return Family(title, "image-classification", write)


def _siglip2_classifier(folder: Path) -> None:
    vision = {key: it for key, it in VISION.items() if key != "image_size"} | {"num_patches": 16}
    config = transformers.Siglip2Config(vision_config=vision, text_config=TEXT, id2label=_NAMES)
    lively(transformers.Siglip2ForImageClassification(config)).save_pretrained(folder)
    transformers.Siglip2ImageProcessor(patch_size=8, max_num_patches=16).save_pretrained(folder)


def _zero_shot(name: str, width: int, vision: dict[str, Any], folder: Path) -> None:
    sizes: dict[str, Any] = {"projection_dim": width} if "Siglip" not in name else {}
    config = getattr(transformers, f"{name}Config")(
        text_config=TEXT | {"eos_token_id": 3, "bos_token_id": 2, "projection_dim": WIDTH},
        vision_config=VISION | {"projection_dim": WIDTH} | vision,
        **sizes,
    )
    lively(getattr(transformers, f"{name}Model")(config)).save_pretrained(folder)
    write_words(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    if name == "Siglip2":
        picture: Any = transformers.Siglip2ImageProcessor(patch_size=16, max_num_patches=256)
    else:
        picture = transformers.CLIPImageProcessor(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
        )
    kind = {"Siglip": "SiglipProcessor", "Siglip2": "Siglip2Processor", "Align": "AlignProcessor"}
    processor = getattr(transformers, kind.get(name, f"{name}Processor"))
    processor(picture, tokenizer).save_pretrained(folder)


def _matcher(title: str, name: str, *, width: int = WIDTH, **vision: Any) -> Family:
    write = partial(_zero_shot, name, width, vision)
    return Family(title, "zero-shot-image-classification", write)


def _captions(decoder: Any, folder: Path) -> None:
    """A vision encoder with a text decoder, saved as it is published: without a pooler."""
    vision = transformers.ViTConfig(**VISION)
    model = transformers.VisionEncoderDecoderModel(
        encoder=transformers.ViTModel(vision, add_pooling_layer=False), decoder=decoder()
    )
    lively(model).generation_config.update(
        decoder_start_token_id=2, bos_token_id=2, pad_token_id=0, eos_token_id=3
    )
    model.config.decoder_start_token_id, model.config.pad_token_id = 2, 0
    model.save_pretrained(folder)
    write_words(folder)
    transformers.TrOCRProcessor(
        _square(), transformers.AutoTokenizer.from_pretrained(folder)
    ).save_pretrained(folder)


def _trocr() -> Any:
    config = transformers.TrOCRConfig(
        vocab_size=TEXT["vocab_size"], d_model=WIDTH, decoder_layers=2, decoder_attention_heads=2,
        decoder_ffn_dim=32, max_position_embeddings=32, pad_token_id=0, bos_token_id=2,
        eos_token_id=3, cross_attention_hidden_size=WIDTH, is_decoder=True,
        add_cross_attention=True,
    )  # fmt: skip
    return transformers.TrOCRForCausalLM(config)


def _gpt2() -> Any:
    config = transformers.GPT2Config(
        vocab_size=TEXT["vocab_size"], n_embd=WIDTH, n_layer=2, n_head=2, n_positions=32,
        add_cross_attention=True, is_decoder=True, bos_token_id=2, eos_token_id=3, pad_token_id=0,
    )  # fmt: skip
    return transformers.GPT2LMHeadModel(config)


def _blip(head: str, folder: Path) -> None:
    text = TEXT | {
        "encoder_hidden_size": WIDTH, "projection_dim": WIDTH, "bos_token_id": 2,
        "eos_token_id": 3, "sep_token_id": 3,
    }  # fmt: skip
    config = transformers.BlipConfig(
        text_config=text, vision_config=VISION, projection_dim=WIDTH, image_text_hidden_size=WIDTH
    )
    lively(getattr(transformers, head)(config)).save_pretrained(folder)
    write_words(folder)
    transformers.BlipProcessor(
        transformers.BlipImageProcessor(size={"height": SIDE, "width": SIDE}),
        transformers.AutoTokenizer.from_pretrained(folder),
    ).save_pretrained(folder)


def _git(folder: Path) -> None:
    config = transformers.GitConfig(
        vision_config=VISION, **TEXT | {"bos_token_id": 2, "eos_token_id": 3}
    )
    lively(transformers.GitForCausalLM(config)).save_pretrained(folder)
    write_words(folder)
    transformers.GitProcessor(
        transformers.CLIPImageProcessor(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
        ),
        transformers.AutoTokenizer.from_pretrained(folder),
    ).save_pretrained(folder)


_TWO: dict[str, Any] = {"hidden_sizes": [8, 16], "depths": [1, 1]}
_EFFICIENT = {"width_coefficient": 0.25, "depth_coefficient": 0.25, "hidden_dim": 320}
_PARTS = {"encoder": "encoder", "decoder": "decoder"}
CLASSIFIERS = (
    _classifier("ViT", "ViT"),
    _classifier("DeiT", "DeiT"),
    _classifier("BEiT", "Beit"),
    _classifier("Swin", "Swin", **_STAGES),
    _classifier("Swin-v2", "Swinv2", **_STAGES),
    _classifier("ConvNeXt", "ConvNext", num_stages=2, patch_size=4, **_TWO),
    _classifier("ConvNeXt-v2", "ConvNextV2", num_stages=2, patch_size=4, **_TWO),
    _classifier("DINOv2", "Dinov2"),
    _classifier("SigLIP", "Siglip", vision_config=VISION, text_config=TEXT),
    Family("SigLIP 2", "image-classification", _siglip2_classifier),
    _classifier("ResNet", "ResNet", embedding_size=8, **_TWO),
    _classifier("RegNet", "RegNet", sized=False, embedding_size=8, groups_width=8, **_TWO),
    _classifier("MobileNet-v2", "MobileNetV2", depth_multiplier=0.35),
    _classifier(
        "MobileViT", "MobileViT", hidden_sizes=[8, 8, 16], patch_size=2,
        neck_hidden_sizes=[4, 4, 8, 8, 16, 16, 32],
    ),
    _classifier("EfficientNet", "EfficientNet", **_EFFICIENT),
)  # fmt: skip
MATCHERS = (
    _matcher("CLIP", "CLIP"),
    _matcher("SigLIP", "Siglip"),
    _matcher("Chinese-CLIP", "ChineseCLIP"),
    # Its processor cuts 256 patches of 16, whatever its image processor would do alone.
    _matcher("SigLIP 2", "Siglip2", num_patches=16, patch_size=16),
    _matcher("ALIGN", "Align", width=80, **_EFFICIENT),
)
CAPTIONERS = (
    Family("BLIP", "image-to-text", partial(_blip, "BlipForConditionalGeneration")),
    Family("TrOCR", "image-to-text", partial(_captions, _trocr), components=_PARTS),
    Family("ViT-GPT2", "image-to-text", partial(_captions, _gpt2), components=_PARTS),
    Family("GIT", "image-to-text", _git),
)
ANSWERERS = (
    Family("BLIP", "visual-question-answering", partial(_blip, "BlipForQuestionAnswering")),
)
