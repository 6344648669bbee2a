"""Editor of a graph: nodes and constants are added, a tensor gets another producer, and what nothing needs is left
out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.runtime.kernel.onnx_file import Attribute, Graph, Node


class GraphEditor:
    """Collects the nodes and constants of a graph, beginning with those of another one.

    Nodes may be added in any order, and a node replaces the earlier ones that make the same tensors.
    """

    def __init__(self, graph: Graph) -> None:
        self.tensors = dict(graph.tensors)
        self._producers: dict[str, Node] = {}
        for node in graph.nodes:
            self._keep(node)

    def constant(self, name: str, value: NDArray[Any] | float | Sequence[int]) -> str:
        """Add a constant, float32 from floats and int64 from integers, and return its name."""
        array = np.asarray(value)
        kinds = {"f": np.float32, "i": np.int64}
        self.tensors[name] = array.astype(kinds.get(array.dtype.kind, array.dtype))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> str:
        """Add a node with one output and return the output's name."""
        self._keep(Node(operator, tuple(inputs), (output,), attributes))
        return output

    def split(self, source: str, outputs: Sequence[str], axis: int, lengths: Sequence[int] = ()) -> None:
        """Add a node that splits a tensor along an axis, into parts of these lengths or of equal ones."""
        inputs = [source, self.constant(f"{outputs[0]}.lengths", lengths)] if lengths else [source]
        self._keep(Node("Split", tuple(inputs), tuple(outputs), {"axis": axis}))

    def graph(self, outputs: Iterable[str]) -> Graph:
        """Return what these outputs need: nodes in the order in which they run, and constants."""
        ordered: dict[int, Node] = {}
        tensors: dict[str, NDArray[Any]] = {}
        waiting = list(outputs)
        while waiting:
            name = waiting[-1]
            node = self._producers.get(name)
            if node is None:
                if name in self.tensors:
                    tensors[name] = self.tensors[name]
                waiting.pop()
                continue
            missing = [one for one in node.inputs if one in self._producers and id(self._producers[one]) not in ordered]
            if id(node) in ordered or not missing:
                ordered.setdefault(id(node), node)
                tensors.update({one: self.tensors[one] for one in node.inputs if one in self.tensors})
                waiting.pop()
            else:
                waiting += missing
        return Graph(tuple(ordered.values()), tensors, {})

    def _keep(self, node: Node) -> None:
        self._producers.update({name: node for name in node.outputs if name})
