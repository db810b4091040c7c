"""Train the small BERT of `bert-paraphrase.toml`, and the WordPiece tokenizer that it reads with.

    python recipes/demo/train_bert_paraphrase.py

Writes the folder `bert-paraphrase` beside this file, in Hugging Face layout.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from paraphrases import (
    ACTIONS,
    NAMES,
    QUALITIES,
    THINGS,
    TIMES,
    Fact,
    facts,
    generate,
    pairs,
    row,
)
from tokenizers import BertWordPieceTokenizer
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

FOLDER = Path(__file__).parent / "bert-paraphrase"
LABELS = ("different", "same")
LONGEST = 64


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--small", type=float, default=0.01, help="how much small scores count")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokenizer = train_tokenizer(options.out)
    model = BertForSequenceClassification(configuration(len(tokenizer)))
    look_across(model)
    train(model, tokenizer, options)
    model.eval().save_pretrained(options.out)
    print(f"test F1 {score(model, tokenizer):.4f}")


def configuration(words: int) -> BertConfig:
    """A BERT of 0.6 million weights."""
    return BertConfig(
        vocab_size=words,
        hidden_size=128,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=256,
        max_position_embeddings=LONGEST,
        initializer_range=0.088,  # 1 / sqrt(128): BERT's 0.02 is for its 768
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
    )


def train_tokenizer(folder: Path) -> BertTokenizerFast:
    """WordPiece on the text that training sees; rare words stay in pieces."""
    folder.mkdir(exist_ok=True)
    trained = BertWordPieceTokenizer(lowercase=True)
    rows = islice(generate(seed=3), 20_000)
    trained.train_from_iterator((item["text"] for item in rows), vocab_size=400, min_frequency=20)
    tokenizer = BertTokenizerFast(tokenizer_object=trained._tokenizer, model_max_length=LONGEST)
    tokenizer.save_pretrained(folder)
    return tokenizer


@torch.no_grad()
def look_across(model: BertForSequenceClassification) -> None:
    """Start with words that attend to their likes in the other sentence.

    Keys are queries but for the direction that tells the sentences apart, which is turned around.
    """
    first, second = model.bert.embeddings.token_type_embeddings.weight.mul_(2)
    model.bert.embeddings.position_embeddings.weight.mul_(0.3)
    apart = functional.normalize(second - first, dim=0)
    mirror = torch.eye(len(apart)) - 2 * torch.outer(apart, apart)
    for layer in model.bert.encoder.layer[:2]:
        attention = layer.attention.self
        attention.key.weight.copy_(attention.query.weight @ mirror)


def encode(rows: list[dict], tokenizer: BertTokenizerFast) -> dict[str, torch.Tensor]:
    """Pairs as a padded batch, int64 [pairs, tokens]."""
    texts = [[row[name] for row in rows] for name in ("text", "text_pair")]
    return dict(tokenizer(*texts, padding=True, return_tensors="pt"))


def words_of(fact: Fact) -> dict[str, int]:
    """Each word that may say the fact, and the respect that it tells of, as the field's number."""
    told = {fact.agent: 0, fact.recipient: 1}
    told |= {word: 2 for forms in ACTIONS[fact.action] for word in forms}
    for number, (kind, index) in enumerate(
        ((THINGS, fact.thing), (QUALITIES, fact.quality), (TIMES, fact.time)), 3
    ):
        told |= {word: number for text in kind[index] for word in text.split()}
    return told | dict.fromkeys(("not", "never", "refused"), 6) | {"the": -1, "in": -1, "at": -1}


class Told(NamedTuple):
    """What the words of a batch of pairs say, by token, -1 where a token says nothing."""

    meanings: torch.Tensor
    """Which respect of the fact, and its value in it: int64 [pairs, tokens]."""
    differs: torch.Tensor
    """1 where the other sentence says otherwise: float32 [pairs, tokens]."""


def told(
    both: list[tuple[Fact, Fact]], inputs: dict[str, torch.Tensor], tokenizer: BertTokenizerFast
) -> Told:
    """The targets of the two heads that training adds."""
    meanings = torch.full(inputs["input_ids"].shape, -1)
    differs = torch.full(inputs["input_ids"].shape, -1.0)
    for number, pair in enumerate(both):
        values = [values_of(fact) for fact in pair]
        words = [words_of(fact) for fact in pair]
        tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][number])
        for place, (token, segment) in enumerate(
            zip(tokens, inputs["token_type_ids"][number].tolist(), strict=True)
        ):
            respect = words[segment].get(token, -1)
            if respect >= 0:
                meanings[number, place] = respect * len(NAMES) + values[segment][respect]
                differs[number, place] = float(values[0][respect] != values[1][respect])
    return Told(meanings, differs)


def values_of(fact: Fact) -> list[int]:
    """The fact's values as numbers below the number of names."""
    agent, recipient, *rest = astuple(fact)
    return [NAMES.index(agent), NAMES.index(recipient), *map(int, rest)]


class Sizes:
    """Mean square of what a model's attention compares, gathered as it runs.

    Scores of hundreds, which a model learns when nothing holds it back, do not survive 8 bits.
    """

    def __init__(self, model: BertForSequenceClassification) -> None:
        self._found: list[torch.Tensor] = []
        for layer in model.bert.encoder.layer:
            for part in (layer.attention.self.query, layer.attention.self.key):
                part.register_forward_hook(self._take)

    def _take(self, _: torch.nn.Module, __: object, output: torch.Tensor) -> None:
        self._found.append(output.square().mean())

    def mean(self) -> torch.Tensor:
        """Of all since the last call."""
        found, self._found = self._found, []
        return torch.stack(found).mean()


def train(
    model: BertForSequenceClassification, tokenizer: BertTokenizerFast, options: argparse.Namespace
) -> None:
    """AdamW, one cycle, on pairs that are never seen twice; easy ones first.

    Two more heads, thrown away at the end, tell for each word what it says of the fact (after two
    layers: names know who gave and who got) and whether the other sentence says otherwise (after
    three: the last one collects that).
    """
    width = model.config.hidden_size
    meaning, differing = torch.nn.Linear(width, 7 * len(NAMES)), torch.nn.Linear(width, 1)
    weights = [*model.parameters(), *meaning.parameters(), *differing.parameters()]
    optimiser = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=options.steps, pct_start=0.1
    )
    sizes = Sizes(model)
    done = 0.0
    chance = random.Random(options.seed + 3)
    drawn = facts(chance, easy=lambda: max(0.0, 0.9 - 1.2 * done))
    began = time.monotonic()
    right = seen = 0
    for step in range(1, options.steps + 1):
        done = step / options.steps
        both = list(islice(drawn, options.batch))
        rows = [row(*pair, chance) for pair in both]
        labels = torch.tensor([LABELS.index(item["label"]) for item in rows])
        inputs = encode(rows, tokenizer)
        targets = told(both, inputs, tokenizer)
        output = model.bert(**inputs, output_hidden_states=True)
        logits = model.classifier(output.pooler_output)
        known = targets.meanings >= 0
        of_meanings = meaning(output.hidden_states[2])[known]
        of_differences = differing(output.hidden_states[3])[..., 0][known]
        losses = (
            functional.cross_entropy(logits, labels),
            functional.cross_entropy(of_meanings, targets.meanings[known]),
            functional.binary_cross_entropy_with_logits(of_differences, targets.differs[known]),
            sizes.mean(),
        )
        loss = sum(
            share * part for share, part in zip((1, 1, 3, options.small), losses, strict=True)
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        schedule.step()
        right += int((logits.argmax(1) == labels).sum())
        seen += len(labels)
        if step % 100 == 0:
            parts = ", ".join(f"{float(part.detach()):.4f}" for part in losses)
            took = time.monotonic() - began
            print(f"{step}: {right / seen:.4f} right, losses {parts}, {took:.0f} s", flush=True)
            right = seen = 0


@torch.inference_mode()
def score(model: torch.nn.Module, tokenizer: BertTokenizerFast) -> float:
    """F1 of `same` on the test split."""
    rows = pairs("test")
    hits = wrong = 0
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        labels = torch.tensor([LABELS.index(item["label"]) for item in part])
        found = model(**encode(part, tokenizer)).logits.argmax(1)
        hits += int(((found == 1) & (labels == 1)).sum())
        wrong += int((found != labels).sum())
    return 2 * hits / (2 * hits + wrong)


if __name__ == "__main__":
    main()
