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

import torch
from paraphrases import ACTIONS, QUALITIES, THINGS, TIMES, Fact, facts, generate, pairs, row
from tokenizers import BertWordPieceTokenizer
from torch.nn import functional
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

FOLDER = Path(__file__).parent / "bert-paraphrase"
LABELS = ("different", "same")
LONGEST = 64


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1800)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
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
    """A BERT of 0.2 million weights."""
    return BertConfig(
        vocab_size=words,
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=256,
        max_position_embeddings=LONGEST,
        initializer_range=0.125,  # 1 / sqrt(64): BERT's 0.02 is for its 768
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


def differences(
    both: list[tuple[Fact, Fact]], inputs: dict[str, torch.Tensor], tokenizer: BertTokenizerFast
) -> torch.Tensor:
    """For each token 1 where the other sentence says otherwise, 0 where it agrees, else -1."""
    targets = torch.full(inputs["input_ids"].shape, -1.0)
    for number, facts_of in enumerate(both):
        differ = [float(a != b) for a, b in zip(*map(astuple, facts_of), strict=True)]
        told = [words_of(fact) for fact in facts_of]
        tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][number])
        for place, (token, segment) in enumerate(
            zip(tokens, inputs["token_type_ids"][number].tolist(), strict=True)
        ):
            respect = told[segment].get(token, -1)
            if respect >= 0:
                targets[number, place] = differ[respect]
    return targets


def train(
    model: BertForSequenceClassification, tokenizer: BertTokenizerFast, options: argparse.Namespace
) -> None:
    """AdamW, one cycle, on pairs that are never seen twice; easy ones first.

    A second head, thrown away at the end, tells for each word whether the other sentence says
    otherwise. Without it and `look_across`, nothing was learned in 3000 steps.
    """
    head = torch.nn.Linear(model.config.hidden_size, 1)
    weights = [*model.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options.rate, total_steps=options.steps, pct_start=0.1
    )
    done = 0.0
    chance = random.Random(options.seed + 3)
    drawn = facts(chance, easy=lambda: 0.9 - 0.8 * done, swaps=0.2)
    began = time.monotonic()
    right = seen = told = found = 0
    for step in range(1, options.steps + 1):
        done = step / options.steps
        both = list(islice(drawn, options.batch))
        rows = [row(*pair, chance) for pair in both]
        labels = torch.tensor([LABELS.index(item["label"]) for item in rows])
        inputs = encode(rows, tokenizer)
        targets = differences(both, inputs, tokenizer)
        output = model.bert(**inputs)
        logits = model.classifier(output.pooler_output)
        of_words = head(output.last_hidden_state)[..., 0]
        known = targets >= 0
        loss = functional.cross_entropy(logits, labels)
        loss = loss + 3 * functional.binary_cross_entropy_with_logits(
            of_words[known], targets[known]
        )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        schedule.step()
        right += int((logits.argmax(1) == labels).sum())
        seen += len(labels)
        differing = targets == 1
        told += int(((of_words > 0) & differing).sum())
        found += int(differing.sum())
        if step % 100 == 0:
            took = time.monotonic() - began
            print(
                f"{step}: {right / seen:.4f} right, {told / found:.4f} of differing words told, "
                f"{took:.0f} s",
                flush=True,
            )
            right = seen = told = found = 0


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
