"""All outlets: a table of their options, their modules and the extras they need."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Final, cast

from firmware_bridge.outlets.outlet import MakeOutlet, Outlet


@dataclass(frozen=True, slots=True)
class OutletEntry:
    """One outlet. Its module has the function `make` (MakeOutlet), and is imported only where its option is given."""

    module: str
    extra: str
    """The extra that installs what the module imports; EXTRAS in scaleglove/cli.py lists the modules of each."""


OUTLETS: Final[dict[str, OutletEntry]] = {
    "type": OutletEntry("firmware_bridge.outlets.keyboard.typist", "typing"),
    "osc": OutletEntry("firmware_bridge.outlets.osc", "osc"),
    "lsl": OutletEntry("firmware_bridge.outlets.lsl", "lsl"),
    "foxglove": OutletEntry("firmware_bridge.outlets.foxglove_server", "foxglove"),
}
"""By the name of its option of `scaleglove bridge`."""


def make_outlet(name: str, value: str, glove: str) -> Outlet:
    """Make an outlet from the value of its option; `glove` is the glove's name, or empty.

    Raises:
        AddressError: the value is wrong.
        ModuleNotFoundError: its extra is not installed.
    """
    make = cast("MakeOutlet", import_module(OUTLETS[name].module).make)
    return make(value, glove)
