"""The mission's four networks, in its order and symbols, and one of them trained for streams.

    towers (conv k, batch norm, ReLU) -> concatenate -> batch norm, ReLU, max pool 2, dropout
    -> GRU -> dropout -> GRU -> last valid step -> linear 128, ReLU, dropout, linear classes

A window is padded at its end; `x_padding` marks the padding. Padding never changes an answer: it is set to zero before
the towers, as their own zero padding is, and after them, so that the last frame of an odd window is pooled alone (ceil
mode) with or without padding after it.
"""

from __future__ import annotations

from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.runtime.contract import ScaleNorms
from scaleglove.scales import SCALES

GATES = ("update", "reset", "hidden")  # z, r, h~
FILTERS = 32
HEAD = 128
DROPOUT = 0.3
RECENT_STEPS = 16
"""Newest pooled steps that a prediction's importance is computed on: a compromise of faithfulness and cost
(docs/reference/importance.md)."""

LEAST_EFFECT = 1e-4
"""Added to the effect of each scale, so that the importance is a third each where no scale has an effect."""

_MEAN_MOMENTUM = 0.1


def hard_sigmoid(x: Tensor) -> Tensor:
    """Return clamp(0.2x + 0.5, 0, 1), as in the mission and ONNX; `torch.nn.functional.hardsigmoid` is x/6 + 0.5."""
    return torch.clamp(0.2 * x + 0.5, 0.0, 1.0)


class ScaleAwareGRU(nn.Module):
    """Scale-Aware GRU layer: a GRU with separate input weights for every scale.

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
        """Return all states h float[B, T, hidden] for the scales' inputs t float[B, T, scales, input]."""
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
    """Base of the networks: towers before and a head after `self.recur`.

    Args:
        learning_rate: stored for training.
        input_size: channels of a frame.
        hidden_size: width of the recurrent layers.
        classes: number of labels.
        use_hard_functions: hard_sigmoid and clamp instead of sigmoid and tanh in the Scale-Aware layers.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        input_size: int = 8,
        hidden_size: int = 64,
        *,
        classes: int,
        use_hard_functions: bool = False,
    ) -> None:
        super().__init__()
        self.learning_rate = learning_rate
        self.towers = nn.ModuleList(
            nn.Sequential(nn.Conv1d(input_size, FILTERS, k, padding=k // 2), nn.BatchNorm1d(FILTERS), nn.ReLU())
            for k in SCALES
        )
        self.norm = nn.BatchNorm1d(FILTERS * len(SCALES))
        # float[scales * FILTERS]: mean output of the towers, a running mean as in batch norm
        self.pooled_mean: Tensor
        self.register_buffer("pooled_mean", torch.zeros(FILTERS * len(SCALES)))
        self.dropout = nn.Dropout(DROPOUT)
        self._build_recurrence(hidden_size, use_hard_functions)
        self.head = self._build_head(hidden_size, classes)
        # float[n, n]: metric of the embeddings (models/training/metric.py), fitted after training
        self.metric: Tensor
        self.register_buffer("metric", torch.eye(self._features_size(hidden_size)))

    def forward(
        self, x: Tensor, x_padding: Tensor | None = None, y_targets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Return logits float[B, classes], and the cross-entropy loss if there are targets.

        Args:
            x: float[B, T, input_size], normalised.
            x_padding: [B, T], nonzero where a frame is padding; only at the end of a window. None: no padding.
            y_targets: int[B] class indices, or None.
        """
        pooled, lengths, skip = self.encode(x, x_padding)
        logits = self.classify(self.last_valid(self.recur(pooled), lengths), skip)
        loss = None if y_targets is None else functional.cross_entropy(logits, y_targets)
        return logits, loss

    def explain(self, x: Tensor, x_padding: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return probabilities [B, classes], scale importance of each prediction [B, scales] and embedding [B, n].

        Importance (docs/reference/importance.md) is the change of the probabilities when the outputs of tower k are
        replaced by their mean over training, on the newest RECENT_STEPS steps alone:

            d_k = 1/2 sum over letters |p - p without k|,   I_k = (d_k + e) / (d_3 + d_5 + d_7 + 3e)
        """
        pooled, lengths, skip = self.encode(x, x_padding)
        effects = self._effects(*_newest(pooled, lengths), skip) + LEAST_EFFECT
        importance = effects / effects.sum(dim=1, keepdim=True)
        probabilities, embedding = self._recognise(pooled, lengths, skip)
        return probabilities, importance, embedding

    def recognise(self, x: Tensor, x_padding: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the probabilities and embedding of `explain`, without the importance, which costs more than both."""
        return self._recognise(*self.encode(x, x_padding))

    def _recognise(self, pooled: Tensor, lengths: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        state = self.last_valid(self.recur(pooled), lengths)
        return self.classify(state, skip).softmax(dim=1), self._features(state, skip) @ self.metric

    def features(self, x: Tensor, x_padding: Tensor | None = None) -> Tensor:
        """Return the features float[B, n] that the metric maps to the embedding: here the last valid state."""
        pooled, lengths, skip = self.encode(x, x_padding)
        return self._features(self.last_valid(self.recur(pooled), lengths), skip)

    def _effects(self, pooled: Tensor, lengths: Tensor, skip: Tensor) -> Tensor:
        """Return the total variation between the answer and that without each tower, float[B, scales] in 0..1."""
        whole = self._answer(pooled, lengths, skip)
        kept = others_kept().to(pooled.device)
        without = [self._answer(torch.where(keep, pooled, self.pooled_mean), lengths, skip) for keep in kept]
        return torch.stack([(whole - other).abs().sum(dim=1) / 2 for other in without], dim=1)

    def _answer(self, pooled: Tensor, lengths: Tensor, skip: Tensor) -> Tensor:
        """Return probabilities float[B, classes] from pooled features."""
        return self.classify(self.last_valid(self.recur(pooled), lengths), skip).softmax(dim=1)

    def get_scale_importance(self) -> ScaleNorms:
        """Return the Frobenius norms of the input weights: `[layer]["update_gate"|...]["scale_3"|...]`."""
        raise NotImplementedError

    def fit_inputs(self, frames: Tensor, gain: Tensor, offset: Tensor) -> None:
        """Fit, before training, what depends on the distribution of the inputs; nothing in this class.

        Args:
            frames: normalised, float[n, 8].
            gain: of the normaliser, float[8].
            offset: of the normaliser, float[8].
        """

    def encode(self, x: Tensor, x_padding: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Return pooled features, their numbers of valid steps, and the skip connection around the recurrence,
        float[B, m]."""
        pooled, lengths = self._convolve(x, x_padding)
        return pooled, lengths, x.new_zeros(len(x), 0)

    def classify(self, state: Tensor, skip: Tensor) -> Tensor:
        """Return logits float[B, classes] from the last valid state and the skip connection."""
        logits: Tensor = self.head(torch.cat([state, skip], dim=1))
        return logits

    def _features(self, state: Tensor, skip: Tensor) -> Tensor:
        return state

    def _features_size(self, hidden_size: int) -> int:
        return hidden_size

    def _build_head(self, hidden_size: int, classes: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(hidden_size, HEAD), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(HEAD, classes))

    def _convolve(self, x: Tensor, x_padding: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return pooled features float[B, ceil(T/2), scales * FILTERS], zero at padding, and the numbers of valid
        steps."""
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
    def last_valid(states: Tensor, lengths: Tensor) -> Tensor:
        return states[torch.arange(len(states), device=states.device), lengths - 1]

    def _build_recurrence(self, hidden_size: int, use_hard_functions: bool) -> None:
        raise NotImplementedError

    def recur(self, pooled: Tensor) -> Tensor:
        """Return the states of the last recurrent layer, float[B, T/2, hidden]."""
        raise NotImplementedError


class MSCSGRU(_MultiScaleNetwork):
    """Baseline: towers concatenated into two ordinary GRU layers."""

    def _build_recurrence(self, hidden_size: int, use_hard_functions: bool) -> None:
        if use_hard_functions:
            raise ValueError("MSCSGRU has no hard functions: torch's GRU is sigmoid and tanh")
        self.gru_layer1 = nn.GRU(FILTERS * len(SCALES), hidden_size, batch_first=True)
        self.gru_layer2 = nn.GRU(hidden_size, hidden_size, batch_first=True)

    def recur(self, pooled: Tensor) -> Tensor:
        states: Tensor
        states, _ = self.gru_layer1(pooled)
        states, _ = self.gru_layer2(self.dropout(states))
        return states

    def get_scale_importance(self) -> ScaleNorms:
        """Return the norms of the first layer only, by slices of its input weights; the second layer has no scales."""
        reset, update, hidden = _split_scales(cast(Tensor, self.gru_layer1.weight_ih_l0)).chunk(3)
        by_gate = torch.stack([gate.transpose(0, 1) for gate in (update, reset, hidden)])
        return {"gru_layer1": _norms(by_gate)}


class MSCSGRU_ScaleAware(_MultiScaleNetwork):
    """Network with two Scale-Aware GRU layers. Each scale of the second gets the states of the first."""

    layers: ClassVar[int] = 2

    def _build_recurrence(self, hidden_size: int, use_hard_functions: bool) -> None:
        widths = [FILTERS, *[hidden_size] * (self.layers - 1)]
        self.gru = nn.ModuleList(ScaleAwareGRU(width, hidden_size, use_hard_functions) for width in widths)

    def recur(self, pooled: Tensor) -> Tensor:
        layers = list(self.gru)
        states: Tensor = layers[0](_split_scales(pooled))
        for layer in layers[1:]:
            states = layer(self.dropout(states).unsqueeze(2).expand(-1, -1, len(SCALES), -1))
        return states

    def get_scale_importance(self) -> ScaleNorms:
        return {f"gru_layer{number}": _norms(cast(Tensor, layer.W)) for number, layer in enumerate(self.gru, start=1)}


class MSCSGRU_ScaleHard(MSCSGRU_ScaleAware):
    """MSCSGRU_ScaleAware that always has hard functions."""

    def __init__(
        self,
        learning_rate: float = 1e-3,
        input_size: int = 8,
        hidden_size: int = 64,
        *,
        classes: int,
        use_hard_functions: bool = True,
    ) -> None:
        if not use_hard_functions:
            raise ValueError("MSCSGRU_ScaleHard has hard functions; use MSCSGRU_ScaleAware for sigmoid and tanh")
        super().__init__(learning_rate, input_size, hidden_size, classes=classes, use_hard_functions=use_hard_functions)


class MSCSGRU_ScaleAware_Stream(MSCSGRU_ScaleAware):
    """MSCSGRU_ScaleAware with a state that continues from letter to letter: trained to name the letter after every step
    (models/data/sequences.py)."""

    def unroll(self, x: Tensor) -> Tensor:
        """Return logits float[B, ceil(T/2), classes] after every step, of two frames each, of normalised x
        float[B, T, 8]."""
        pooled, _ = self._convolve(x, None)
        logits: Tensor = self.head(self.recur(pooled))
        return logits


class MSCGRU_ScaleAware(MSCSGRU_ScaleAware):
    """Network with one Scale-Aware GRU layer."""

    layers = 1


Network = MSCSGRU | MSCSGRU_ScaleAware


def parameter_count(network: nn.Module) -> int:
    """Count the trainable parameters."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def others_kept() -> Tensor:
    """Return bool[scales, scales * FILTERS]: in row k all pooled features but those of tower k."""
    return ~torch.eye(len(SCALES), dtype=torch.bool).repeat_interleave(FILTERS, dim=1)


def _newest(pooled: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return the last RECENT_STEPS valid steps of pooled features float[B, T, n], or all of fewer, and their number."""
    kept = lengths.clamp(max=RECENT_STEPS)
    steps = torch.arange(min(RECENT_STEPS, pooled.shape[1]), device=pooled.device)
    indices = (lengths - kept).unsqueeze(1) + steps
    rows = torch.arange(len(pooled), device=pooled.device).unsqueeze(1)
    return pooled[rows, indices.clamp(max=pooled.shape[1] - 1)], kept


def _split_scales(features: Tensor) -> Tensor:
    """Split the last axis, scales * FILTERS, into (scales, FILTERS)."""
    return features.reshape(*features.shape[:-1], len(SCALES), FILTERS)


def _norms(W: Tensor) -> dict[str, dict[str, float]]:
    """Return the Frobenius norms of W [gates, scales, hidden, input] by gate and scale."""
    return {
        f"{gate}_gate": {
            f"scale_{k}": float(torch.linalg.matrix_norm(W_gk)) for k, W_gk in zip(SCALES, W_g, strict=True)
        }
        for gate, W_g in zip(GATES, W.detach(), strict=True)
    }
