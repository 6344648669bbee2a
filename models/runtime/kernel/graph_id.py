"""Identifier of a network's graph: the options of the network, and a digest of the nodes that compute it.

`metadata_props["scaleglove.graph"]` is JSON, written by models/export/onnx_export.py:

    {"family": "multi-scale-gru", "encoded": true, "layers": 2, "head": 3, "hard": false, "reset_after": false,
     "nodes": "52c3b5d1d6d0f0f1"}

The kernel and the C export take a known graph's constants by name. That a compiled kernel computes the same is compared
at load (models/runtime/kernel/kernel.py); `nodes` finds a graph that was edited after its export.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

from models.runtime.kernel import KernelError
from models.runtime.kernel.onnx_file import Graph, Node

GRAPH_KEY: Final = "scaleglove.graph"
FAMILY: Final = "multi-scale-gru"
MAX_LAYERS, MAX_HEAD = 2, 3
"""As many as `struct model` of kernel.h holds."""


class UnknownGraphError(KernelError):
    """Raised for a graph that the kernel does not compute; the text says why."""


@dataclass(frozen=True, slots=True)
class GraphId:
    """Options of a graph of the family `multi-scale-gru`."""

    encoded: bool
    """Channels are encoded (models/networks/encoded.py), with a skip connection around the recurrence."""
    layers: int
    """Recurrent layers."""
    head: int
    """Linear layers of the head."""
    hard: bool
    """Hard sigmoid and clamp in place of sigmoid and tanh."""
    reset_after: bool
    """The reset gate is applied after the product with the state, as in `torch.nn.GRU`."""
    embeds_state: bool = False
    """The embedding is of the newest state and the skip connection, not of one of them."""

    def as_json(self, graph: Graph) -> str:
        """Return the identifier of `graph`, which has these options, as an artefact carries it: `embeds_state` where it
        is set, since earlier readers do not know it."""
        options = {name: value for name, value in asdict(self).items() if (name, value) != ("embeds_state", False)}
        return json.dumps({"family": FAMILY} | options | {"nodes": _digest(graph)})


_WITHOUT_ID: Final = {
    "76b1a4857b5be9a9": GraphId(encoded=True, layers=2, head=3, hard=False, reset_after=False),
    "b5050bbe7f0e6333": GraphId(encoded=False, layers=2, head=2, hard=False, reset_after=False),
    "1353544784b3499c": GraphId(encoded=False, layers=2, head=2, hard=True, reset_after=False),
    "9d2acacda4c543ed": GraphId(encoded=False, layers=1, head=2, hard=False, reset_after=False),
    "1f14d4ee33acf2fe": GraphId(encoded=False, layers=2, head=2, hard=False, reset_after=True),
}
"""Graphs of artefacts made before graphs had an identifier, by the digest of their nodes."""


def identify(graph: Graph) -> GraphId:
    """Return the options of a graph, whose weights are float32.

    Raises:
        UnknownGraphError: it is not of this family, or its nodes are not those of its export.
    """
    digest = _digest(graph)
    text = graph.metadata.get(GRAPH_KEY)
    if text is None:
        if digest not in _WITHOUT_ID:
            raise UnknownGraphError(f"the graph has no identifier ({GRAPH_KEY}) and is not known; export it again")
        return _WITHOUT_ID[digest]
    try:
        stored = json.loads(text)
        family, nodes = stored.pop("family"), stored.pop("nodes")
        found = GraphId(**stored)
        known = family == FAMILY and type(found.layers) is type(found.head) is int
        known = known and (found.encoded or not found.embeds_state)
        known = known and 1 <= found.layers <= MAX_LAYERS and 1 <= found.head <= MAX_HEAD
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnknownGraphError(f"the graph's identifier is not readable: {error}") from None
    if not known:
        raise UnknownGraphError(f"the kernel does not compute the graph {text}")
    if nodes != digest:
        raise UnknownGraphError("the graph was edited after its export: its nodes are not those of its identifier")
    return found


def _digest(graph: Graph) -> str:
    """Return a digest of the nodes: operators, names of tensors and attributes, but no weights."""
    return sha256("\n".join(sorted(map(_as_text, graph.nodes))).encode()).hexdigest()[:16]


def _as_text(node: Node) -> str:
    attributes = " ".join(f"{name}={value!r}" for name, value in sorted(node.attributes.items()))
    return f"{node.operator}({', '.join(node.inputs)}) -> {', '.join(node.outputs)} [{attributes}]"
