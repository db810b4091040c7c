"""Train the small Llama of `llama-sums.toml`, and the byte-level tokenizer that it reads with.

    python recipes/demo/train_llama_sums.py

Writes the folder `llama-sums` beside this file, in Hugging Face layout.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from sums_in_words import generate, texts
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

FOLDER = Path(__file__).parent / "llama-sums"
END = "<|end|>"
LONGEST = 256
WINDOW = 128
"""Tokens of a training text: several rows, cut anywhere."""


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokenizer = train_tokenizer(options.out)
    model = LlamaForCausalLM(configuration(tokenizer))
    train(model, tokenizer, options)
    model.generation_config.max_new_tokens = 8
    model.half().save_pretrained(options.out)
    print(f"test perplexity {perplexity(model.float().eval(), tokenizer):.3f}")


def configuration(tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """A Llama of 0.9 million weights, two heads to each one of keys and values."""
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=LONGEST,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def train_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Byte-level BPE, as GPT-2 has it: nothing is unknown, and common words are one token."""
    folder.mkdir(exist_ok=True)
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    rows = islice(generate(seed=13), 5000)
    made.train_from_iterator((row["text"] + row["target"] for row in rows), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=END, pad_token=END, model_max_length=LONGEST
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def windows(
    tokenizer: PreTrainedTokenizerFast, options: argparse.Namespace
) -> Iterator[torch.Tensor]:
    """Yield batches of texts that are never seen twice, int64 [batch, WINDOW + 1]."""
    rows, ids = generate(seed=options.seed + 14), list[int]()
    wanted = options.batch * (WINDOW + 1)
    while True:
        while len(ids) < wanted:
            for row in islice(rows, 64):
                ids += [
                    *tokenizer(row["text"] + row["target"])["input_ids"],
                    tokenizer.eos_token_id,
                ]
        yield torch.tensor(ids[:wanted]).view(options.batch, WINDOW + 1)
        ids = ids[wanted:]


def train(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, options: argparse.Namespace
) -> None:
    """AdamW, one cycle."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=options.steps, pct_start=0.1
    )
    began = time.process_time()
    for step, ids in enumerate(islice(windows(tokenizer, options), options.steps), 1):
        logits = model(input_ids=ids[:, :-1]).logits
        loss = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            took = time.process_time() - began
            print(f"{step}: loss {float(loss.detach()):.4f}, {took:.0f} s of processor", flush=True)


@torch.inference_mode()
def perplexity(model: torch.nn.Module, tokenizer: PreTrainedTokenizerFast) -> float:
    """Of the test split, over all tokens but the first of each text."""
    lost = tokens = 0.0
    for row in texts("test"):
        ids = torch.tensor([tokenizer(row["text"] + row["target"])["input_ids"]])
        logits = model(input_ids=ids).logits[0, :-1]
        lost += float(functional.cross_entropy(logits, ids[0, 1:], reduction="sum"))
        tokens += ids.shape[1] - 1
    return math.exp(lost / tokens)


if __name__ == "__main__":
    main()
