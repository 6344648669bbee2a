"""The four networks, in the order and the symbols of the mission, and one of them once more, for streams.

    towers (conv k, batch norm, ReLU) -> concatenate -> batch norm, ReLU, max pool 2, dropout
    -> GRU -> dropout -> GRU -> last valid step -> linear 128, ReLU, dropout, linear classes

A window is padded at its end; `x_padding` marks the padding. Padding never changes an answer: it is set to zero before
the towers (just what their own zero padding would be) and after them, so that the last frame of an odd window is pooled
alone (ceil mode) whether or not padding follows it.
"""

from __future__ import annotations

from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.runtime.contract import ScaleNorms
from scaleglove.letters import SCALES

GATES = ("update", "reset", "hidden")  # z, r, h~
FILTERS = 32
HEAD = 128
DROPOUT = 0.3
RECENT_STEPS = 16
"""Pooled steps that a prediction's importance looks back on: a compromise of faith and cost (docs/importance.md)."""

LEAST_EFFECT = 1e-4
"""Added to each scale's share of probability moved, so that a window that no scale moves gives a third to each."""

_MEAN_MOMENTUM = 0.1


def hard_sigmoid(x: Tensor) -> Tensor:
    """clamp(0.2x + 0.5, 0, 1): the mission's, and ONNX's default; not `torch.nn.functional.hardsigmoid` (x/6 + 0.5)."""
    return torch.clamp(0.2 * x + 0.5, 0.0, 1.0)


class ScaleAwareGRU(nn.Module):
    """A GRU in which every scale has input weights of its own.

    z_t = sigmoid(W_z3 t3 + W_z5 t5 + W_z7 t7 + U_z h_{t-1} + b_z)
    r_t = sigmoid(W_r3 t3 + W_r5 t5 + W_r7 t7 + U_r h_{t-1} + b_r)
    h~  = tanh   (W_h3 t3 + W_h5 t5 + W_h7 t7 + U_h (r_t * h_{t-1}) + b_h)
    h_t = (1 - z_t) * h_{t-1} + z_t * h~

    With `use_hard_functions`: hard_sigmoid for sigmoid, clamp(x, -1, 1) for tanh.
    """

    def __init__(self, input_size: int, hidden_size: int, use_hard_functions: bool) -> None:
        super().__init__()
        gates, scales = len(GATES), len(SCALES)
        self.W = nn.Parameter(torch.empty(gates, scales, hidden_size, input_size))
        self.U = nn.Parameter(torch.empty(gates, hidden_size, hidden_size))
        self.b = nn.Parameter(torch.zeros(gates, hidden_size))
        self.use_hard_functions = use_hard_functions
        for matrix in (*self.W.flatten(0, 1), *self.U):
            nn.init.xavier_uniform_(matrix)

    def forward(self, t: Tensor) -> Tensor:
        """All states h float[B, T, hidden] for the scales' inputs t float[B, T, scales, input]."""
        sigmoid, tanh = (hard_sigmoid, functional.hardtanh) if self.use_hard_functions else (torch.sigmoid, torch.tanh)
        # Everything that does not depend on h, for all time steps, gates and scales at once: one matrix product.
        Wt = torch.einsum("btsi,gshi->tbgh", t, self.W) + self.b
        U_zr, U_h = self.U[:2].flatten(0, 1).T, self.U[2].T
        h = t.new_zeros(t.shape[0], self.U.shape[1])
        states = []
        for Wt_zr, Wt_h in zip(Wt[:, :, :2].flatten(2).unbind(0), Wt[:, :, 2].unbind(0), strict=True):
            z, r = sigmoid(Wt_zr + h @ U_zr).chunk(2, dim=1)
            candidate = tanh(Wt_h + (r * h) @ U_h)
            h = torch.lerp(h, candidate, z)  # (1 - z) h + z h~
            states.append(h)
        return torch.stack(states, dim=1)


class _MultiScaleNetwork(nn.Module):
    """What the networks share: towers before and head after `self._recur`.

    Args:
        learning_rate: kept for whoever trains the network.
        input_size: channels of a frame.
        hidden_size: width of the recurrent layers.
        classes: letters.
        use_hard_functions: hard_sigmoid and clamp instead of sigmoid and tanh in the Scale-Aware layers.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        input_size: int = 8,
        hidden_size: int = 64,
        classes: int = 24,
        use_hard_functions: bool = False,
    ) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.towers = nn.ModuleList(
            nn.Sequential(nn.Conv1d(input_size, FILTERS, k, padding=k // 2), nn.BatchNorm1d(FILTERS), nn.ReLU())
            for k in SCALES
        )
        self.norm = nn.BatchNorm1d(FILTERS * len(SCALES))
        # float[scales * FILTERS]: what a tower gives on average, kept as batch norms keep theirs
        self.pooled_mean: Tensor
        self.register_buffer("pooled_mean", torch.zeros(FILTERS * len(SCALES)))
        self.dropout = nn.Dropout(DROPOUT)
        self._build_recurrence(hidden_size, use_hard_functions)
        self.head = self._build_head(hidden_size, classes)
        # float[n, n]: makes distances between embeddings mean something (models/training/metric.py), fitted after
        # training
        self.metric: Tensor
        self.register_buffer("metric", torch.eye(self._traits_size(hidden_size)))

    def forward(
        self, x: Tensor, x_padding: Tensor | None = None, y_targets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Logits float[B, classes], and the cross-entropy loss when there are targets.

        Args:
            x: float[B, T, input_size], normalised.
            x_padding: [B, T], not zero where a frame is padding; only at the end of a window. None: no padding.
            y_targets: int[B] class indices, or None.
        """
        pooled, lengths, beside = self._see(x, x_padding)
        logits = self._read(self._last(self._recur(pooled), lengths), beside)
        loss = None if y_targets is None else functional.cross_entropy(logits, y_targets)
        return logits, loss

    def explain(self, x: Tensor, x_padding: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Probabilities [B, classes], per-prediction scale importance [B, scales] and embedding [B, n], all float.

        Importance (docs/importance.md): how much of the probability moves when the outputs of tower k are replaced by
        their mean over training, on the newest RECENT_STEPS steps alone; d_k = 1/2 sum over letters |p - p without k|,
        I_k = (d_k + e) / (d_3 + d_5 + d_7 + 3e).
        """
        pooled, lengths, beside = self._see(x, x_padding)
        moved = self._effects(*_newest(pooled, lengths), beside) + LEAST_EFFECT
        importance = moved / moved.sum(dim=1, keepdim=True)
        probabilities, embedding = self._recognise(pooled, lengths, beside)
        return probabilities, importance, embedding

    def recognise(self, x: Tensor, x_padding: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Probabilities and embedding of `explain`, without the importance, which costs more than both."""
        return self._recognise(*self._see(x, x_padding))

    def _recognise(self, pooled: Tensor, lengths: Tensor, beside: Tensor) -> tuple[Tensor, Tensor]:
        state = self._last(self._recur(pooled), lengths)
        return self._read(state, beside).softmax(dim=1), self._traits(state, beside) @ self.metric

    def traits(self, x: Tensor, x_padding: Tensor | None = None) -> Tensor:
        """What the metric makes the embedding of, float[B, n]: here the last valid state of the last layer."""
        pooled, lengths, beside = self._see(x, x_padding)
        return self._traits(self._last(self._recur(pooled), lengths), beside)

    def _effects(self, pooled: Tensor, lengths: Tensor, beside: Tensor) -> Tensor:
        """Total variation between the answer and the answer without each tower, float[B, scales] in 0..1."""
        whole = self._answer(pooled, lengths, beside)
        without = [self._answer(torch.where(keep, pooled, self.pooled_mean), lengths, beside) for keep in others_kept()]
        return torch.stack([(whole - other).abs().sum(dim=1) / 2 for other in without], dim=1)

    def _answer(self, pooled: Tensor, lengths: Tensor, beside: Tensor) -> Tensor:
        """Probabilities float[B, classes] from pooled features."""
        return self._read(self._last(self._recur(pooled), lengths), beside).softmax(dim=1)

    def get_scale_importance(self) -> ScaleNorms:
        """Frobenius norms of the input weights: `[layer]["update_gate"|...]["scale_3"|...]`."""
        raise NotImplementedError

    def fit_inputs(self, frames: Tensor, gain: Tensor, offset: Tensor) -> None:
        """Before training: what of the network depends on where its inputs lie. Normalised frames float[n, 8], and the
        normaliser's gain and offset float[8]. Nothing here."""

    def _see(self, x: Tensor, x_padding: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Pooled features, how many steps of them are valid, and what goes round the recurrence, float[B, m]."""
        pooled, lengths = self._towers(x, x_padding)
        return pooled, lengths, x.new_zeros(len(x), 0)

    def _read(self, state: Tensor, beside: Tensor) -> Tensor:
        """Logits float[B, classes]."""
        logits: Tensor = self.head(torch.cat([state, beside], dim=1))
        return logits

    def _traits(self, state: Tensor, beside: Tensor) -> Tensor:
        return state

    def _traits_size(self, hidden_size: int) -> int:
        return hidden_size

    def _build_head(self, hidden_size: int, classes: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(hidden_size, HEAD), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(HEAD, classes))

    def _towers(self, x: Tensor, x_padding: Tensor | None) -> tuple[Tensor, Tensor]:
        """Pooled features float[B, ceil(T/2), scales * FILTERS], zero at padding, and how many steps are valid."""
        valid = torch.ones(x.shape[:2], device=x.device) if x_padding is None else (x_padding == 0).to(x.dtype)
        x = x.masked_fill(valid.unsqueeze(2) == 0, 0.0).transpose(1, 2)
        features = torch.cat([tower(x) for tower in self.towers], dim=1)
        features = functional.relu(self.norm(features)) * valid.unsqueeze(1)
        # Features are not negative, so a zero from padding never wins against a valid frame.
        pooled = functional.max_pool1d(features, 2, ceil_mode=True).transpose(1, 2)
        lengths = (valid.sum(dim=1).long() + 1) // 2
        if self.training:
            mean = pooled.detach().sum(dim=(0, 1)) / lengths.sum()
            self.pooled_mean.lerp_(mean, _MEAN_MOMENTUM)
        return self.dropout(pooled), lengths

    @staticmethod
    def _last(states: Tensor, lengths: Tensor) -> Tensor:
        return states[torch.arange(len(states), device=states.device), lengths - 1]

    def _build_recurrence(self, hidden_size: int, use_hard_functions: bool) -> None:
        raise NotImplementedError

    def _recur(self, pooled: Tensor) -> Tensor:
        """States of the last recurrent layer, float[B, T/2, hidden]."""
        raise NotImplementedError


class MSCSGRU(_MultiScaleNetwork):
    """The baseline: towers concatenated into two ordinary GRU layers."""

    def _build_recurrence(self, hidden_size: int, use_hard_functions: bool) -> None:
        if use_hard_functions:
            raise ValueError("MSCSGRU has no hard functions: torch's GRU is sigmoid and tanh")
        self.gru_layer1 = nn.GRU(FILTERS * len(SCALES), hidden_size, batch_first=True)
        self.gru_layer2 = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def _recur(self, pooled: Tensor) -> Tensor:
        states: Tensor
        states, _ = self.gru_layer1(pooled)
        states, _ = self.gru_layer2(self.dropout(states))
        return states

    def get_scale_importance(self) -> ScaleNorms:
        """The first layer only, by the slices of its input weights that face each tower; the second sees no scales."""
        reset, update, hidden = _split_scales(cast(Tensor, self.gru_layer1.weight_ih_l0)).chunk(3)
        by_gate = torch.stack([gate.transpose(0, 1) for gate in (update, reset, hidden)])
        return {"gru_layer1": _norms(by_gate)}


class MSCSGRU_ScaleAware(_MultiScaleNetwork):
    """Two Scale-Aware GRU layers. The second sees the first one's states three times over, once for each scale."""

    layers: ClassVar[int] = 2

    def _build_recurrence(self, hidden_size: int, use_hard_functions: bool) -> None:
        widths = [FILTERS, *[hidden_size] * (self.layers - 1)]
        self.gru = nn.ModuleList(ScaleAwareGRU(width, hidden_size, use_hard_functions) for width in widths)

    def _recur(self, pooled: Tensor) -> Tensor:
        layers = list(self.gru)
        states: Tensor = layers[0](_split_scales(pooled))
        for layer in layers[1:]:
            states = layer(self.dropout(states).unsqueeze(2).expand(-1, -1, len(SCALES), -1))
        return states

    def get_scale_importance(self) -> ScaleNorms:
        return {f"gru_layer{number}": _norms(cast(Tensor, layer.W)) for number, layer in enumerate(self.gru, start=1)}


class MSCSGRU_ScaleHard(MSCSGRU_ScaleAware):
    """MSCSGRU_ScaleAware with hard functions, always."""

    def __init__(
        self,
        learning_rate: float = 1e-3,
        input_size: int = 8,
        hidden_size: int = 64,
        classes: int = 24,
        use_hard_functions: bool = True,
    ) -> None:
        if not use_hard_functions:
            raise ValueError("MSCSGRU_ScaleHard is hard; with sigmoid and tanh it is MSCSGRU_ScaleAware")
        super().__init__(learning_rate, input_size, hidden_size, classes, use_hard_functions)


class MSCSGRU_ScaleAware_Stream(MSCSGRU_ScaleAware):
    """MSCSGRU_ScaleAware for a state that is carried on from letter to letter: trained to know the letter after every
    step (models/data/sequences.py)."""

    def unroll(self, x: Tensor) -> Tensor:
        """Logits float[B, ceil(T/2), classes] after every step, of two frames each, of normalised x float[B, T, 8]."""
        pooled, _ = self._towers(x, None)
        logits: Tensor = self.head(self._recur(pooled))
        return logits


class MSCGRU_ScaleAware(MSCSGRU_ScaleAware):
    """One Scale-Aware GRU layer."""

    layers = 1


Network = MSCSGRU | MSCSGRU_ScaleAware


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def others_kept() -> Tensor:
    """bool[scales, scales * FILTERS]: in row k, all pooled features but those of tower k."""
    return ~torch.eye(len(SCALES), dtype=torch.bool).repeat_interleave(FILTERS, dim=1)


def _newest(pooled: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The last RECENT_STEPS valid steps of pooled features float[B, T, n], or all where there are fewer; how many."""
    kept = lengths.clamp(max=RECENT_STEPS)
    steps = torch.arange(min(RECENT_STEPS, pooled.shape[1]), device=pooled.device)
    places = (lengths - kept).unsqueeze(1) + steps
    rows = torch.arange(len(pooled), device=pooled.device).unsqueeze(1)
    return pooled[rows, places.clamp(max=pooled.shape[1] - 1)], kept


def _split_scales(features: Tensor) -> Tensor:
    """The last axis, scales * FILTERS, as (scales, FILTERS)."""
    return features.reshape(*features.shape[:-1], len(SCALES), FILTERS)


def _norms(W: Tensor) -> dict[str, dict[str, float]]:
    """Frobenius norms of W [gates, scales, hidden, input] by gate and scale."""
    return {
        f"{gate}_gate": {
            f"scale_{k}": float(torch.linalg.matrix_norm(W_gk)) for k, W_gk in zip(SCALES, W_g, strict=True)
        }
        for gate, W_g in zip(GATES, W.detach(), strict=True)
    }
