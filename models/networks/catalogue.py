"""All networks that can be trained, by name: the mission's four, the served variant, the one for signs that move, and
the one for streams."""

from __future__ import annotations

from models.data.dataset import Augmentation
from models.networks.encoded import MSCSGRU_ScaleAware_Encoded, MSCSGRU_ScaleAware_Moving
from models.networks.scale_aware import (
    MSCSGRU,
    MSCGRU_ScaleAware,
    MSCSGRU_ScaleAware,
    MSCSGRU_ScaleAware_Stream,
    MSCSGRU_ScaleHard,
    Network,
)

NETWORKS: dict[str, type[Network]] = {
    network.__name__: network
    for network in (
        MSCSGRU,
        MSCSGRU_ScaleAware,
        MSCSGRU_ScaleHard,
        MSCGRU_ScaleAware,
        MSCSGRU_ScaleAware_Encoded,
        MSCSGRU_ScaleAware_Moving,
        MSCSGRU_ScaleAware_Stream,
    )
}

SEQUENCE_FRAMES = 160
"""Length of a training sequence: about three letters."""


def sequence_frames_of(model: str) -> int | None:
    """Return the length of the sequences that the model is trained on; None: it is trained on windows."""
    return SEQUENCE_FRAMES if issubclass(NETWORKS[model], MSCSGRU_ScaleAware_Stream) else None


def augmentation_of(model: str) -> Augmentation:
    """Return the augmentation of the model's training windows.

    The encoded networks are augmented more, which makes them rely on single channels and less on yaw, for users who are
    not in the training data. The four others, without bins, lose by the same on every protocol but cross-user.
    """
    if issubclass(NETWORKS[model], MSCSGRU_ScaleAware_Encoded):
        return Augmentation(channel_swapped=0.2, yaw_turned=0.3, flex_offset=2.0, angle_offset=1.5)
    return Augmentation()
