"""A recurrent layer unrolled: one step after the other, as products and element-wise operations that every provider of
ONNX Runtime has.

    z, r = sigmoid(W x + R h + b)
    c = tanh(W x + b + R (r * h))             (or b + r * (R h + b'), as in torch.nn.GRU)
    h' = c + z * (h - c)

ONNX Runtime's GRU on CUDA is that of cuDNN, which knows the second form only, and no other activations.
https://onnx.ai/onnx/operators/onnx__GRU.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from models.runtime.gpu.graph_editor import GraphEditor
from models.runtime.kernel.graph_id import GraphId

HOLD: Final = 100.0
"""Input of the update gate in a step that is padding: its sigmoid, hard or not, is 1 in float32, so the state stays."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sequence, of one step or more."""

    name: str
    """What the names of its tensors begin with."""
    steps: int
    padding: str
    """Tensor bool [steps, 1, rows, 1], true in steps that leave the state as it is."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Names of the constants of a layer with H hidden units, and what it computes with them."""

    name: str
    hidden: int
    hard: bool
    reset_after: bool

    @classmethod
    def of(cls, editor: GraphEditor, number: int, graph_id: GraphId) -> Self:
        """Add the constants of the layer `gru_{number}` of a graph, gates in the order z, r, candidate."""
        given, recurrent, biases = (editor.tensors[f"gru_{number}.{part}"][0] for part in "WRB")
        layer = cls(f"unrolled_{number}", int(recurrent.shape[1]), graph_id.hard, graph_id.reset_after)
        bias, state_bias = np.split(biases.astype(np.float64), 2)
        gates = 2 * layer.hidden
        inside = state_bias[gates:] if layer.reset_after else np.zeros(layer.hidden)
        bias = bias + state_bias
        bias[gates:] -= inside
        scale = np.ones(3 * layer.hidden)
        if layer.hard:  # a hard sigmoid is 0.5 x + 0.5, clipped to 0..1; the gates' weights have the 0.5
            scale[:gates] = 0.5
            bias = bias * scale
            bias[:gates] += 0.5
        hold = np.zeros(3 * layer.hidden)
        hold[: layer.hidden] = HOLD
        for part, array in {
            "input": (given * scale[:, np.newaxis]).T,
            "bias": bias,
            "state_gates": (recurrent * scale[:, np.newaxis])[:gates].T,
            "state_candidate": recurrent[gates:].T,
            "state_bias": inside,
            "hold": hold,
        }.items():
            editor.constant(f"{layer.name}.{part}", array)
        return layer

    def run(self, editor: GraphEditor, part: Part, inputs: str, state: str) -> list[str]:
        """Add the steps of a part, and return the names of the states [1, copies, rows, H] after each.

        Args:
            editor: of the graph.
            part: of the sequence.
            inputs: tensor [steps, copies, rows, inputs].
            state: tensor [1, copies, rows, H] before the first step; empty for zeros.
        """
        own, steps = f"{part.name}.{self.name}", part.steps
        editor.node("MatMul", [inputs, f"{self.name}.input"], f"{own}.product")
        editor.node("Add", [f"{own}.product", f"{self.name}.bias"], f"{own}.projected")
        editor.node("Where", [part.padding, f"{self.name}.hold", f"{own}.projected"], f"{own}.given")
        names = [f"{own}.gates", f"{own}.candidates"]
        editor.split(f"{own}.given", names, 3, [2 * self.hidden, self.hidden])
        for name in names:
            if steps == 1:
                editor.node("Identity", [name], f"{name}_0")
            else:
                editor.split(name, [f"{name}_{step}" for step in range(steps)], 0)
        states = []
        for step in range(steps):
            state = self._step(editor, own, step, state)
            states.append(state)
        return states

    def _step(self, editor: GraphEditor, own: str, step: int, state: str) -> str:
        at = f"{own}.{step}"
        gates, candidate = f"{own}.gates_{step}", f"{own}.candidates_{step}"
        if state:
            editor.node("MatMul", [state, f"{self.name}.state_gates"], f"{at}.state_gates")
            gates = editor.node("Add", [gates, f"{at}.state_gates"], f"{at}.gates_sum")
        if self.hard:
            ends = [editor.constant("hard.low", np.array(0.0)), editor.constant("hard.high", np.array(1.0))]
            editor.node("Clip", [gates, *ends], f"{at}.gates")
        else:
            editor.node("Sigmoid", [gates], f"{at}.gates")
        editor.split(f"{at}.gates", [f"{at}.z", f"{at}.r"], 3)
        added = self._state_part(editor, at, state)
        if added:
            candidate = editor.node("Add", [candidate, added], f"{at}.candidate_sum")
        if self.hard:
            ends = [editor.constant("hard.least", np.array(-1.0)), editor.constant("hard.most", np.array(1.0))]
            editor.node("Clip", [candidate, *ends], f"{at}.c")
        else:
            editor.node("Tanh", [candidate], f"{at}.c")
        if not state:
            editor.node("Mul", [f"{at}.z", f"{at}.c"], f"{at}.kept")
            return editor.node("Sub", [f"{at}.c", f"{at}.kept"], f"{at}.state")
        editor.node("Sub", [state, f"{at}.c"], f"{at}.away")
        editor.node("Mul", [f"{at}.z", f"{at}.away"], f"{at}.kept")
        return editor.node("Add", [f"{at}.c", f"{at}.kept"], f"{at}.state")

    def _state_part(self, editor: GraphEditor, at: str, state: str) -> str:
        """Add the candidate's input from the state; return its name, empty if there is none."""
        if self.reset_after:
            inside = f"{self.name}.state_bias"
            if state:
                editor.node("MatMul", [state, f"{self.name}.state_candidate"], f"{at}.state_product")
                inside = editor.node("Add", [f"{at}.state_product", inside], f"{at}.state_candidate")
            return editor.node("Mul", [f"{at}.r", inside], f"{at}.reset")
        if not state:
            return ""
        editor.node("Mul", [f"{at}.r", state], f"{at}.reset")
        return editor.node("MatMul", [f"{at}.reset", f"{self.name}.state_candidate"], f"{at}.state_candidate")
