"""Models of transformers that write, with random weights of a few kilobytes."""

from __future__ import annotations

from typing import Any

import transformers

# Left to itself the CPU plugin keeps keys and values in u8: logits then differ by 3e-3 here.
F32 = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}


TOKENS = 9


def whisper() -> Any:
    config = transformers.WhisperConfig(
        vocab_size=120,
        num_mel_bins=8,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        d_model=16,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_source_positions=20,
        max_target_positions=32,
        decoder_start_token_id=1,
        eos_token_id=119,
        pad_token_id=119,
        bos_token_id=119,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    return transformers.WhisperForConditionalGeneration(config)


def t5() -> Any:
    config = transformers.T5Config(
        vocab_size=60, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2,
        decoder_start_token_id=0, eos_token_id=59, pad_token_id=0,
    )  # fmt: skip
    return transformers.T5ForConditionalGeneration(config)


def bart() -> Any:
    config = transformers.BartConfig(
        vocab_size=60, d_model=16, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=32,
        decoder_ffn_dim=32, encoder_attention_heads=2, decoder_attention_heads=2,
        max_position_embeddings=64, eos_token_id=59, forced_eos_token_id=None,
        decoder_start_token_id=2, pad_token_id=1,
    )  # fmt: skip
    return transformers.BartForConditionalGeneration(config)


def blip(kind: type) -> Any:
    text = {
        "vocab_size": 60, "hidden_size": 16, "encoder_hidden_size": 16, "intermediate_size": 32,
        "num_hidden_layers": 2, "num_attention_heads": 2, "projection_dim": 16, "bos_token_id": 57,
        "eos_token_id": 2, "sep_token_id": 58, "pad_token_id": 0, "max_position_embeddings": 64,
    }  # fmt: skip
    vision = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "image_size": 16,
        "num_attention_heads": 2, "patch_size": 8, "initializer_range": 0.2,
    }  # fmt: skip
    config = transformers.BlipConfig(
        text_config=text, vision_config=vision, projection_dim=16, image_text_hidden_size=16
    )
    return kind(config)


def llama() -> Any:
    config = transformers.LlamaConfig(
        vocab_size=60, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
        bos_token_id=1, eos_token_id=59, pad_token_id=0, attn_implementation="eager",
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config)
