"""The device that networks are trained and evaluated on: a GPU where PyTorch finds one, else the processor.

A GPU rounds differently, so nothing that is kept of one is used for the other: the names are parts of the keys.
"""

from __future__ import annotations

from typing import Final

import torch

PROCESSOR: Final = "cpu"
_TRAINED_ON: Final = {"cuda", "mps"}
"""Types of devices that both PyTorch and Lightning know by the same name."""


def compute_device() -> torch.device:
    """Return the device to compute on."""
    found = torch.accelerator.current_accelerator(check_available=True)
    return found if found is not None and found.type in _TRAINED_ON else torch.device(PROCESSOR)


def device_name() -> str:
    """Return the name of that device, which says what rounds alike: the model of the GPU, or `cpu`."""
    device = compute_device()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
