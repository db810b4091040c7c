"""Families that read texts: classifiers, sentence embeddings, and encoder-decoders."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import transformers

from tests.families.family import Family, lively
from tests.support.tiny_text import WORDS, configure, write_tokenizer

WIDTH, LONGEST = 16, 64
TEXT: dict[str, Any] = {
    "vocab_size": 5 + len(WORDS),
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 2 * LONGEST,
    "pad_token_id": 0,
}
SEQ2SEQ: dict[str, Any] = {
    "vocab_size": 5 + len(WORDS),
    "d_model": WIDTH,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 2 * LONGEST,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "decoder_start_token_id": 2,
    "forced_eos_token_id": None,
}
_T5 = {"d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "d_model": WIDTH}


def _encoder(head: str, name: str, folder: Path, **further: Any) -> None:
    """An encoder with BERT's tokenizer, which the folder calls by BERT's name."""
    config = getattr(transformers, f"{name}Config")(**TEXT | further)
    lively(getattr(transformers, f"{name}{head}")(config)).save_pretrained(folder)
    write_words(folder)


def _seq2seq(name: str, folder: Path, head: str = "", **further: Any) -> None:
    config = getattr(transformers, f"{name}Config")(**SEQ2SEQ | further)
    head = head or f"{name}ForConditionalGeneration"
    lively(getattr(transformers, head)(config)).save_pretrained(folder)
    write_words(folder)


def _bert2bert(folder: Path) -> None:
    encoder, decoder = transformers.BertConfig(**TEXT), transformers.BertConfig(**TEXT)
    config = transformers.EncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 0, 3
    model = lively(transformers.EncoderDecoderModel(config))
    model.generation_config.update(decoder_start_token_id=2, pad_token_id=0, eos_token_id=3)
    model.save_pretrained(folder)
    write_words(folder)


def _prophetnet(folder: Path) -> None:
    """One with names of its own for sizes; beside others' its configuration breaks."""
    others = ("d_model", "layers", "attention_heads")
    config = transformers.ProphetNetConfig(
        hidden_size=WIDTH, num_encoder_layers=2, num_decoder_layers=2, ngram=2,
        num_encoder_attention_heads=2, num_decoder_attention_heads=2,
        **{key: size for key, size in SEQ2SEQ.items() if not key.endswith(others)},
    )  # fmt: skip
    lively(transformers.ProphetNetForConditionalGeneration(config)).save_pretrained(folder)
    write_words(folder)


def write_words(folder: Path) -> None:
    """A tokenizer that says token types, as BERT's does, and takes longer texts than the usual."""
    write_tokenizer(folder)
    configure(folder, "tokenizer_config.json", model_max_length=LONGEST)


def _classifier(title: str, name: str, **further: Any) -> Family:
    write = partial(_encoder, "ForSequenceClassification", name, **further)
    return Family(title, "text-classification", write)


def _writer(title: str, name: str, **further: Any) -> Family:
    return Family(title, "text2text-generation", partial(_seq2seq, name, **further))


def _funnel(folder: Path) -> None:
    """One whose layers are counted by block, which its configuration insists on."""
    sizes = {key: TEXT[key] for key in ("vocab_size", "max_position_embeddings", "pad_token_id")}
    config = transformers.FunnelConfig(
        block_sizes=[1, 1], d_model=WIDTH, n_head=2, d_head=8, d_inner=32, **sizes
    )
    lively(transformers.FunnelForSequenceClassification(config)).save_pretrained(folder)
    write_words(folder)


def _speaker(title: str, name: str, head: str = "ForCausalLM", **further: Any) -> Family:
    write = partial(_encoder, head, name, bos_token_id=2, eos_token_id=3, **further)
    return Family(title, "text-generation", write)


_DECODER = {"num_key_value_heads": 1, "head_dim": 8}
CLASSIFIERS = (
    _classifier("BERT", "Bert"),
    _classifier("RoBERTa", "Roberta"),
    _classifier("XLM-RoBERTa", "XLMRoberta"),
    _classifier("DeBERTa", "Deberta"),
    _classifier("DeBERTa-v2", "DebertaV2"),
    _classifier("ModernBERT", "ModernBert"),
    _classifier("ALBERT", "Albert", embedding_size=8),
    _classifier("ELECTRA", "Electra", embedding_size=8),
    _classifier("DistilBERT", "DistilBert", dim=16, hidden_dim=32, n_layers=2, n_heads=2),
    _classifier("MPNet", "MPNet"),
    _classifier("GPT-2", "GPT2", n_embd=16, n_layer=2, n_head=2, n_positions=128),
    _classifier("Qwen2", "Qwen2", **_DECODER),
    _classifier("Llama", "Llama", **_DECODER),
    Family("Funnel", "text-classification", _funnel),
)
EMBEDDERS = tuple(
    Family(title, "sentence-similarity", partial(_encoder, "Model", name))
    for title, name in (("BERT", "Bert"), ("MPNet", "MPNet"), ("XLM-RoBERTa", "XLMRoberta"))
)
WRITERS = (
    _writer("T5", "T5", **_T5),
    _writer("mT5", "MT5", **_T5),
    _writer("LongT5", "LongT5", **_T5),
    _writer("BART", "Bart"),
    _writer("Pegasus", "Pegasus"),
    _writer("mBART", "MBart"),
    _writer("Marian", "Marian", head="MarianMTModel"),
    _writer("M2M100", "M2M100"),
    _writer("Blenderbot", "Blenderbot"),
    Family("BERT2BERT", "text2text-generation", _bert2bert),
    _writer(
        "LED", "LED", max_encoder_position_embeddings=128, max_decoder_position_embeddings=128,
        attention_window=8,
    ),
    Family("ProphetNet", "text2text-generation", _prophetnet),
)  # fmt: skip
SPEAKERS = (
    _speaker("Llama", "Llama", num_key_value_heads=1),
    _speaker("Mistral", "Mistral", num_key_value_heads=1, sliding_window=8),
    _speaker("Qwen2", "Qwen2", num_key_value_heads=1),
    _speaker("Qwen3", "Qwen3", **_DECODER),
    _speaker("Gemma", "Gemma", **_DECODER),
    _speaker("Phi", "Phi"),
    _speaker("GPT-2", "GPT2", "LMHeadModel", n_embd=16, n_layer=2, n_head=2, n_positions=128),
    _speaker("GPT-NeoX", "GPTNeoX"),
    _speaker("OPT", "OPT", word_embed_proj_dim=16, ffn_dim=32),
)
