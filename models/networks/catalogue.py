"""Every network that can be trained, by its name: the mission's four, the served variant, and the one for streams."""

from __future__ import annotations

from models.data.dataset import Augmentation
from models.networks.encoded import MSCSGRU_ScaleAware_Encoded
from models.networks.scale_aware import (
    MSCSGRU,
    MSCGRU_ScaleAware,
    MSCSGRU_ScaleAware,
    MSCSGRU_ScaleAware_Stream,
    MSCSGRU_ScaleHard,
)

NETWORKS: dict[str, type[MSCSGRU] | type[MSCSGRU_ScaleAware]] = {
    network.__name__: network
    for network in (
        MSCSGRU,
        MSCSGRU_ScaleAware,
        MSCSGRU_ScaleHard,
        MSCGRU_ScaleAware,
        MSCSGRU_ScaleAware_Encoded,
        MSCSGRU_ScaleAware_Stream,
    )
}

SEQUENCE_FRAMES = 160
"""Of a training sequence: some three letters."""


def sequence_frames_of(model: str) -> int | None:
    """How long the sequences are that the model is trained on; None: it is trained on windows."""
    return SEQUENCE_FRAMES if issubclass(NETWORKS[model], MSCSGRU_ScaleAware_Stream) else None


def augmentation_of(model: str) -> Augmentation:
    """What the model's training windows go through.

    The encoded network learns each channel by itself and yaw with doubt, for a hand that was not there in training; the
    four named ones, which have no bins to do it with, lose on every protocol but the new collection by the same.
    """
    if model == MSCSGRU_ScaleAware_Encoded.__name__:
        return Augmentation(channel_swapped=0.2, yaw_turned=0.3, flex_offset=2.0, angle_offset=1.5)
    return Augmentation()
