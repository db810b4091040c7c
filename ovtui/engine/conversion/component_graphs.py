"""Graphs of a pipeline's components, traced once for all tasks of a model that share them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ovtui.core.machine.machine import versions
from ovtui.core.runs.run_folder import Run
from ovtui.engine.components.graph import Signature, convert_component
from ovtui.engine.components.state import make_stateful
from ovtui.engine.conversion.constant_shapes import fold_shapes
from ovtui.engine.conversion.convert import count_parameters
from ovtui.engine.conversion.numbers import check_weights
from ovtui.engine.models.model_files import save_model
from ovtui.engine.store import fingerprint
from ovtui.engine.store.cache import Cache, content_key, link
from ovtui.engine.store.layout import baseline_of, component_of, graph_of

if TYPE_CHECKING:
    import torch

_KIND = "component"
_INFO = "graph.json"


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a component's graph."""

    digest: str
    """Equal for equal graphs."""
    parameters: int


class ComponentGraphs:
    """The graphs of one conversion's components: found in the cache, or traced and kept there.

    Args:
        cache: where graphs are kept.
        run: who writes them.
        fp16: store the baseline's weights as FP16.
    """

    def __init__(self, cache: Cache, run: Run, *, fp16: bool) -> None:
        self._cache = cache
        self._run = run
        self._fp16 = fp16
        self.found: list[str] = []
        """Keys of those that an earlier conversion left."""

    def write(
        self, name: str, module: torch.nn.Module, signature: Signature, folder: Path
    ) -> Graph:
        """Leaves a component's FP32 graph, its baseline and how it is called, as `layout` has it.

        Args:
            name: of the component.
            module: a `torch.nn.Module`.
            signature: of its calls.
            folder: of the conversion.

        Raises:
            SourceError: OpenVINO cannot convert it.
        """
        key = self._key(name, module, signature)
        place = self._cache.find(_KIND, key)
        if place is None:
            place = self._trace(name, module, signature, key)
        else:
            self.found.append(key)
        for path in place.rglob("*"):
            if path.is_file() and path.parent != place:
                link(path, folder / path.relative_to(place))
        return msgspec.json.decode((place / _INFO).read_bytes(), type=Graph)

    def forget(self) -> None:
        """Lets those that were found be traced anew."""
        for key in self.found:
            self._cache.remove(_KIND, key)
        self.found.clear()

    def _key(self, name: str, module: torch.nn.Module, signature: Signature) -> str:
        """Everything that a trace depends on, but for the values that it is traced with."""
        return content_key(
            name=name,
            module=fingerprint.of_module(module),
            component=signature.component,
            arguments=signature.call.arguments,
            past=bool(signature.call.past),
            inputs=signature.inputs,
            shapes=[str(shape) for shape in signature.shapes],
            outputs=signature.outputs,
            fp16=self._fp16,
            versions=versions("openvino", "torch", "transformers"),
        )

    def _trace(self, name: str, module: torch.nn.Module, signature: Signature, key: str) -> Path:
        folder = self._cache.begin(self._run, _KIND, key)
        graph = convert_component(module, signature)
        check_weights(graph)
        fold_shapes(graph)
        save_model(graph, graph_of(folder, name), fp16=False)
        facts = Graph(
            digest=fingerprint.of_graph(graph_of(folder, name)),
            parameters=count_parameters(graph),
        )
        component_of(folder, name).write_bytes(msgspec.json.encode(signature.component))
        (folder / _INFO).write_bytes(msgspec.json.encode(facts))
        if signature.component.own:
            graph = make_stateful(graph)
        save_model(graph, baseline_of(folder, name), fp16=self._fp16)
        return self._cache.commit(folder, _KIND, key)
