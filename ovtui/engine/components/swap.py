"""Compiled components in the place of a pipeline's modules: the same generation loop goes on."""

from __future__ import annotations

import functools
import inspect
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from transformers import DynamicCache

from ovtui.core.text.errors import SourceError
from ovtui.engine.components.graph import Component
from ovtui.engine.components.next_call import NextCall, next_call
from ovtui.engine.components.observe import arguments_of
from ovtui.engine.components.structure import flatten, rebuild
from ovtui.engine.data.inputs import names_of
from ovtui.engine.data.spool import Arrays, digest

if TYPE_CHECKING:
    import openvino as ov

_LOGITS = "logits"


class Watch(Protocol):
    """Told of a component's calls."""

    def before(self, feed: Arrays, begins: bool) -> None:
        """Takes a call's inputs, and whether it begins a new sequence."""

    def after(self, begins: bool, milliseconds: float) -> None:
        """Takes how long a call's inference took."""


class State(DynamicCache):
    """Stands for keys and values that a compiled decoder keeps to itself."""

    def __init__(self, owner: object) -> None:
        super().__init__()
        self.owner = owner
        self.length = 0
        self.beams: np.ndarray | None = None

    def get_seq_length(self, layer_idx: int = 0) -> int:  # noqa: ARG002
        """Returns the number of tokens so far."""
        return self.length

    def reorder_cache(self, beam_idx: torch.Tensor) -> None:
        """Remembers which row each row goes on from."""
        self.beams = beam_idx.to(torch.int32).numpy()


class Compiled:
    """A compiled component that is called as its module was."""

    def __init__(
        self,
        component: Component,
        compiled: ov.CompiledModel,
        forward: Callable[..., Any],
        watch: Watch | None,
    ) -> None:
        self._component = component
        self._signature = inspect.signature(forward)  # 0.4 ms: too long for every token
        self._watch = watch
        self._compiled = compiled
        known = {name for port in compiled.inputs for name in names_of(port)}
        self._inputs = {name: port for name, port in component.inputs.items() if port in known}
        self._stateful = "beam_idx" in known
        self._state: State | None = None
        self._given: dict[str, torch.Tensor] = {}
        self._fed: list[Arrays] = []
        """Inputs of the sequence's last two calls."""
        self.steps = self._stateful and _LOGITS in component.outputs
        """Whether `step` may go on with a sequence."""
        self._remember = 0
        self._answers: OrderedDict[bytes, Arrays] = OrderedDict()

    @functools.cached_property
    def _request(self) -> ov.InferRequest:
        return self._compiled.create_infer_request()

    def renew(self) -> None:
        """Goes on with a request that has seen nothing, and forgets every answer."""
        self.__dict__.pop("_request", None)
        self._state = None
        self._answers.clear()

    def remember(self, answers: int) -> None:
        """Keeps so many of the latest answers, to be given again to equal inputs.

        As when several questions are about one picture. What has a state remembers none.
        """
        self._remember = 0 if self._stateful else answers
        self._answers.clear()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arguments = arguments_of(self._signature, args, kwargs)
        _, tensors, past = flatten(arguments)
        if missing := [name for name in self._inputs if name not in tensors]:
            raise SourceError(
                f"component {self._component.path or 'model'}: called without {missing[0]!r}, "
                "which it was converted with"
            )
        state, begins = self._follow(past)
        given = {port: tensors[name] for name, port in self._inputs.items()}
        feed = {port: tensor.detach().numpy() for port, tensor in given.items()}
        if state is not None:
            rows = next(array for name, array in feed.items() if name.endswith("input_ids"))
            beams = np.arange(len(rows), dtype=np.int32) if state.beams is None else state.beams
            feed["beam_idx"] = beams
            state.length += rows.shape[1]
            state.beams = None
            self._fed = [*([] if begins else self._fed[-1:]), feed]
        # A call without a cache is none of the sequence's: a language that is detected first.
        watch = self._watch if past is not None or not self._stateful else None
        outputs = self._infer(feed, self._kept(given, begins), begins, watch)
        answered = {name: torch.from_numpy(outputs[name]) for name in self._component.outputs}
        for name, source in self._component.handed_through.items():
            answered[name] = tensors[source]
        result = rebuild(self._component.result, answered, state)
        as_tuple = arguments.get("return_dict") is False and hasattr(result, "to_tuple")
        return result.to_tuple() if as_tuple else result

    def following(self) -> NextCall | None:
        """Returns how the sequence's calls go on; None where their inputs follow no pattern."""
        if self._state is None or len(self._fed) < 2:
            return None
        return next_call(*self._fed)

    def step(self, feed: Arrays) -> np.ndarray:
        """Goes on with the sequence by one token, without its module's arguments and results.

        Args:
            feed: the inputs that differ from those of the last call, as `following` gives them.

        Returns:
            The logits of the token after it, float32 [1, vocabulary], of a memory of their own.
        """
        assert self._state is not None
        self._state.length += 1
        watch = self._watch
        if watch is not None:
            watch.before({**self._fed[-1], **feed}, False)
        began = time.perf_counter()
        results = self._request.infer(feed, share_inputs=False)
        milliseconds = (time.perf_counter() - began) * 1000
        if watch is not None:
            watch.after(False, milliseconds)
        logits: np.ndarray = results[_LOGITS][:, -1].copy()
        return logits

    def _kept(self, given: dict[str, torch.Tensor], begins: bool) -> set[str]:
        """Inputs that the request has from an earlier call of the sequence: the encoder's states.

        3 MB of Whisper-base need no copy for every token then. A tensor that is held here cannot be
        another one's memory.
        """
        before = {} if begins else self._given
        self._given = {port: tensor for port, tensor in given.items() if tensor.is_floating_point()}
        return {port for port, tensor in self._given.items() if before.get(port) is tensor}

    def _infer(
        self, feed: Arrays, kept: Collection[str], begins: bool, watch: Watch | None
    ) -> Arrays:
        if watch is not None:
            watch.before(feed, begins)
        mark = digest(feed) if self._remember else b""
        if mark in self._answers:
            self._answers.move_to_end(mark)
            return self._answers[mark]
        began = time.perf_counter()
        # What feeds a state is copied. In bf16 the CPU plugin goes on reading the memory of the
        # first sequence when it resets a state that is computed from an input (OpenVINO 2026.4).
        new = {port: array for port, array in feed.items() if port not in kept}
        results = self._request.infer(new, share_inputs=not self._stateful)
        milliseconds = (time.perf_counter() - began) * 1000
        if watch is not None:
            watch.after(begins, milliseconds)
        outputs = {name: results[name].copy() for name in self._component.outputs}
        if self._remember:
            self._answers[mark] = outputs
            while len(self._answers) > self._remember:
                self._answers.popitem(last=False)
        return outputs

    def _follow(self, past: Any) -> tuple[State | None, bool]:
        """The state that a call goes on from, and whether it is a new one."""
        if not self._stateful:
            return None, True
        if isinstance(past, State) and past is self._state and past.length:
            return past, False
        if past is not None and past.get_seq_length():
            raise SourceError(
                f"component {self._component.path or 'model'}: asked to go on from a sequence that "
                "another call has ended"
            )
        self._request.reset_state()
        self._state = State(self)
        return self._state, True


def swap(
    pipeline: torch.nn.Module,
    component: Component,
    compiled: ov.CompiledModel,
    watch: Watch | None = None,
) -> Compiled:
    """Makes a compiled model answer in place of a component.

    Args:
        pipeline: the live model.
        component: which of its modules.
        compiled: an `ov.CompiledModel` of its graph.
        watch: told of every call.

    Returns:
        What answers from now on.
    """
    module = pipeline.get_submodule(component.path)
    forward = module.forward
    answer = Compiled(component, compiled, forward, watch)

    @functools.wraps(forward)
    def call(*args: Any, **kwargs: Any) -> Any:
        return answer(*args, **kwargs)

    module.forward = call
    return answer
