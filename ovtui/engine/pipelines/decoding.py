"""The choice of the next token, where a compiled decoder answers: fast, and the same tokens.

transformers' own loop prepares every call anew, which takes 1 to 2 ms for a token, and asks for the
whole vocabulary whether each token is forbidden, which takes Whisper another 1 to 5 ms. A decoder's
step takes 4 ms. So the first tokens are chosen by that loop, and the rest here, where the inputs of
its calls follow a pattern. Beams, sampling, and what returns more than tokens stay with it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from transformers import GenerationConfig, GenerationMixin, StoppingCriteria, StoppingCriteriaList
from transformers.generation import (
    EosTokenCriteria,
    LogitsProcessorList,
    MaxLengthCriteria,
    MinLengthLogitsProcessor,
    MinNewTokensLengthLogitsProcessor,
    SuppressTokensAtBeginLogitsProcessor,
    SuppressTokensLogitsProcessor,
)
from transformers.generation.configuration_utils import GenerationMode
from transformers.generation.streamers import BaseStreamer

from ovtui.engine.components.swap import Compiled
from ovtui.engine.pipelines.modes import method_of

Choose = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From the tokens so far, int64 [1, tokens], and scores, float [1, vocabulary], to scores."""
Ended = Callable[[torch.Tensor, int], bool]
"""From the tokens so far, int64 [1, tokens], and the last of them, to whether the answer ends."""
_LEARNT_FROM = 3
"""Tokens by transformers' loop: the first call may take a prompt, two more show the pattern."""


def take_over(module: torch.nn.Module, decoder: Compiled) -> None:
    """Makes a module choose tokens by `decode`, where it is one that generates.

    Args:
        module: whose forward the decoder answers.
        decoder: is asked for the logits of each token.
    """
    if not isinstance(module, GenerationMixin):
        return
    theirs = module.generate

    @functools.wraps(theirs)
    def generate(*arguments: Any, **named: Any) -> Any:
        streamer = named.get("streamer")

        # A function, since transformers copies its arguments deeply, but no function.
        def chosen(
            model: Any,
            input_ids: torch.Tensor,
            logits_processor: Sequence[Choose],
            stopping_criteria: Sequence[StoppingCriteria],
            generation_config: GenerationConfig,
            **inputs: Any,
        ) -> Any:
            loop = _Loop(model, generation_config, stopping_criteria, streamer, inputs)
            return decode(decoder, loop, input_ids, logits_processor)

        return theirs(*arguments, **{"custom_generate": chosen, **named})

    module.generate = generate


class _Loop(NamedTuple):
    """transformers' own loop, and what it was to be given."""

    model: Any
    configuration: GenerationConfig
    criteria: Sequence[StoppingCriteria]
    streamer: BaseStreamer | None
    inputs: dict[str, Any]

    @property
    def mode(self) -> GenerationMode:
        return self.configuration.get_generation_mode()

    def run(self, tokens: torch.Tensor, processors: Sequence[Choose]) -> Any:
        """Go through the whole loop."""
        further = {"streamer": self.streamer} if self.streamer else {}
        return self._run(tokens, processors, self.criteria, **further)

    def begin(self, tokens: torch.Tensor, processors: Sequence[Choose], count: int) -> Any:
        """Go through the loop until there are so many tokens, of which nobody is told."""
        return self._run(tokens, processors, [*self.criteria, _Enough(count)])

    def _run(
        self,
        tokens: torch.Tensor,
        processors: Sequence[Choose],
        criteria: Sequence[StoppingCriteria],
        **further: BaseStreamer,
    ) -> Any:
        method = getattr(type(self.model), method_of(self.mode))
        return method(
            self.model,
            tokens,
            logits_processor=processors,
            stopping_criteria=StoppingCriteriaList(criteria),
            generation_config=self.configuration,
            **further,
            **self.inputs,
        )


def decode(
    decoder: Compiled, loop: _Loop, tokens: torch.Tensor, processors: Sequence[Choose]
) -> Any:
    """Returns what transformers' loop would: all token ids, int64 [1, tokens], or its own result.

    Args:
        decoder: says the logits.
        loop: of transformers.
        tokens: int64 [rows, tokens], the prompt.
        processors: change the scores of each token, in this order.
    """
    processors = LogitsProcessorList(map(_quick, processors))
    plain = loop.mode == GenerationMode.GREEDY_SEARCH and len(tokens) == 1
    if not plain or loop.configuration.return_dict_in_generate or not decoder.steps:
        return loop.run(tokens, processors)
    prompt = tokens.shape[1]
    begun = loop.begin(tokens, processors, prompt + _LEARNT_FROM)
    ends = [_end(criterion) for criterion in loop.criteria]
    last = int(begun[0, -1])
    ended = any(end(begun, last) for end in ends)
    following = None if ended else decoder.following()
    if not ended and following is None:
        decoder.steps = False  # from now on no answer is begun twice
        return loop.run(tokens, processors)
    tell = loop.streamer.put if loop.streamer else _tell_nobody
    for token in begun[0, prompt:]:
        tell(token[None])
    tokens = begun
    while following is not None and not any(end(tokens, last) for end in ends):
        scores = torch.from_numpy(decoder.step(following.feed(last)))
        for process in processors:
            scores = process(tokens, scores)
        chosen = scores.argmax(dim=-1, keepdim=True)
        tokens = torch.cat([tokens, chosen], dim=-1)
        last = int(chosen)
        tell(chosen[0])
    if loop.streamer is not None:
        loop.streamer.end()
    return tokens


def _tell_nobody(token: torch.Tensor) -> None:
    """Takes a token that nobody waits for."""


class _Enough(StoppingCriteria):
    """Ends the loop at so many tokens, those of the prompt included."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((len(input_ids),), input_ids.shape[1] >= self._tokens)


class _Forbidden(NamedTuple):
    """Tokens that cannot come while an answer has some lengths.

    As transformers' processors do it, without asking of each of the vocabulary whether it is one.
    """

    tokens: torch.Tensor
    at: Callable[[int], bool]
    """Takes the number of tokens so far, those of the prompt included."""

    def __call__(self, tokens: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if not self.at(tokens.shape[-1]):
            return scores
        return scores.index_fill(-1, self.tokens.long(), -math.inf)  # without any it is of floats


def _quick(processor: Any) -> Any:
    """The same as a processor of transformers, where that looks through the vocabulary each time.

    Of exactly these classes: one that is derived may do something else.
    """
    kind = type(processor)
    if kind is SuppressTokensLogitsProcessor:
        return _Forbidden(processor.suppress_tokens, lambda length: True)
    if kind is SuppressTokensAtBeginLogitsProcessor:
        return _Forbidden(
            processor.begin_suppress_tokens, lambda length: length == processor.begin_index
        )
    if kind is MinLengthLogitsProcessor:
        return _Forbidden(processor.eos_token_id, lambda length: length < processor.min_length)
    if kind is MinNewTokensLengthLogitsProcessor:
        least = processor.prompt_length_to_skip + processor.min_new_tokens
        return _Forbidden(processor.eos_token_id, lambda length: length < least)
    return processor


def _end(criterion: Any) -> Ended:
    """Whether a criterion of transformers ends an answer of one row."""
    if type(criterion) is EosTokenCriteria:
        ids = set(criterion.eos_token_id.reshape(-1).tolist())
        return lambda tokens, last: last in ids
    if type(criterion) is MaxLengthCriteria:
        return lambda tokens, last: tokens.shape[-1] >= criterion.max_length
    return lambda tokens, last: bool(torch.as_tensor(criterion(tokens, None)).all())
