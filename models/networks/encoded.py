"""The served variant: MSCSGRU_ScaleAware behind a piecewise-linear encoding, with a skip connection; and one for signs
that move.

    8 channels -> 132 features -> towers -> two Scale-Aware GRU layers -> last valid step -+
                       |                                                                   +-> head
                       +--------------> mean of the newest 10 frames ----------------------+

Letters depend on thresholds of sensor values, which smooth networks blur; the encoding gives every part of a channel's
range weights of its own. For scalar x and the bins [b_i, b_i + w_i] of the channel's training quantiles, feature i is
clamp((x - b_i) / w_i, 0, 1): Gorishniy et al., On Embeddings for Numerical Features in Tabular Deep Learning, 2022,
section 3.2, here clamped at both ends, so that a reading beyond the training data weighs no more than the last bin. In
addition to these 8 x 16, pitch and roll are given as sine and cosine, which have no seam.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.networks.scale_aware import DROPOUT, MSCSGRU_ScaleAware
from scaleglove.channels import CHANNELS

BINS = 16
NEWEST_FRAMES = 10
"""Frames of the skip connection: as many as the shortest window that is answered (200 ms), so that they are of one
letter."""

HEAD = 192
FEATURES_DROPPED = 0.2
PITCH, YAW = CHANNELS.index("pitch"), CHANNELS.index("yaw")
TURNING = slice(PITCH, YAW)  # pitch and roll
ANGLE_WEIGHT = 2.0
"""Factor of sine and cosine, so that a quarter turn weighs as much as some bins."""

_LEAST_WIDTH = 0.01
"""Least width of a bin in standard deviations of its channel: quantiles may coincide."""


class Encoding(nn.Module):
    """Encoding of normalised frames float[..., 8] as float[..., size]: sine and cosine of pitch and roll, then the bins
    by channel, those of yaw last.

    `rate` and `phase` convert a normalised angle to radians.
    """

    low: Tensor
    per_width: Tensor
    rate: Tensor
    phase: Tensor

    def __init__(self) -> None:
        super().__init__()
        edges = torch.linspace(-2.0, 2.0, BINS + 1).expand(len(CHANNELS), -1)  # of standardised channels, until fitted
        self.register_buffer("low", edges[:, :-1].clone())
        self.register_buffer("per_width", 1 / edges.diff(dim=1))
        self.register_buffer("rate", torch.ones(YAW - PITCH))
        self.register_buffer("phase", torch.zeros(YAW - PITCH))
        self.size = 2 * (YAW - PITCH) + len(CHANNELS) * BINS

    def fit(self, frames: Tensor, gain: Tensor, offset: Tensor) -> None:
        """Fit the bins to normalised frames float[n, 8]; gain and offset float[8] are the normaliser's."""
        edges = torch.quantile(frames, torch.linspace(0, 1, BINS + 1), dim=0).T
        steps = torch.arange(BINS + 1) * _LEAST_WIDTH
        edges = (edges - steps).cummax(dim=1).values + steps
        self.low.copy_(edges[:, :-1])
        self.per_width.copy_(1 / edges.diff(dim=1))
        self.rate.copy_(torch.pi / 180 / gain[TURNING])
        self.phase.copy_(-offset[TURNING] * self.rate)

    def forward(self, x: Tensor) -> Tensor:
        """Encode normalised frames."""
        angle = x[..., TURNING] * self.rate + self.phase
        bins = ((x.unsqueeze(-1) - self.low) * self.per_width).clamp(0, 1).flatten(-2)
        return torch.cat([ANGLE_WEIGHT * angle.sin(), ANGLE_WEIGHT * angle.cos(), bins], dim=-1)


class MSCSGRU_ScaleAware_Encoded(MSCSGRU_ScaleAware):
    """Network of 8 normalised channels that it encodes itself.

    Its embedding is of the encoded channels without yaw: yaw is the integral of a gyro, with another zero each time the
    glove starts, so an example does not predict it.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        input_size: int = len(CHANNELS),
        hidden_size: int = 64,
        *,
        classes: int,
        use_hard_functions: bool = False,
    ) -> None:
        if input_size != len(CHANNELS):
            raise ValueError(f"input_size must be {len(CHANNELS)}, the channels of a glove, not {input_size}")
        encoding = Encoding()
        self._encoded = encoding.size
        super().__init__(
            learning_rate, encoding.size, hidden_size, classes=classes, use_hard_functions=use_hard_functions
        )
        self.encoding = encoding

    def fit_inputs(self, frames: Tensor, gain: Tensor, offset: Tensor) -> None:
        self.encoding.fit(frames, gain, offset)

    def encode(self, x: Tensor, x_padding: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        encoded = self.encoding(x)
        if self.training:  # the same features in every frame of a window
            encoded = functional.dropout1d(encoded.transpose(1, 2), FEATURES_DROPPED).transpose(1, 2)
        pooled, lengths, _ = super().encode(encoded, x_padding)
        return pooled, lengths, _newest_mean(encoded, x_padding)

    def classify(self, state: Tensor, skip: Tensor) -> Tensor:
        return super().classify(self.dropout(state), skip)

    def _features(self, state: Tensor, skip: Tensor) -> Tensor:
        return skip[:, :-BINS]

    def _features_size(self, hidden_size: int) -> int:
        return self._encoded - BINS

    def _build_head(self, hidden_size: int, classes: int) -> nn.Sequential:
        layers: list[nn.Module] = []
        for width in (hidden_size + self._encoded, HEAD):
            layers += [nn.Linear(width, HEAD), nn.BatchNorm1d(HEAD), nn.ReLU(), nn.Dropout(DROPOUT)]
        return nn.Sequential(*layers, nn.Linear(HEAD, classes))


class MSCSGRU_ScaleAware_Moving(MSCSGRU_ScaleAware_Encoded):
    """Network for signs that move, beside those that are held: its embedding is also of the recurrence's last state.

    Many signs that move end in a shape that others begin or end in, or that is held as a letter; the newest frames
    alone do not tell one by examples.
    """

    def _features(self, state: Tensor, skip: Tensor) -> Tensor:
        return torch.cat([state, super()._features(state, skip)], dim=1)

    def _features_size(self, hidden_size: int) -> int:
        return hidden_size + super()._features_size(hidden_size)


def _newest_mean(encoded: Tensor, x_padding: Tensor | None) -> Tensor:
    """Return the mean over the newest valid frames of float[B, T, n]."""
    if x_padding is None:
        return encoded[:, -NEWEST_FRAMES:].mean(dim=1)
    lengths = (x_padding == 0).sum(dim=1, keepdim=True)
    positions = torch.arange(encoded.shape[1], device=encoded.device)
    newest = (positions < lengths) & (positions >= lengths - NEWEST_FRAMES)
    kept = encoded.masked_fill(~newest.unsqueeze(2), 0.0)
    return kept.sum(dim=1) / lengths.clamp(max=NEWEST_FRAMES)
