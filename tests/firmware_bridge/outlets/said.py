"""What an outlet or its worker says, remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

from firmware_bridge.outlets.outlet import OutletCode, OutletNotice


@dataclass
class Said:
    """Codes and values of what an outlet said, in order."""

    codes: list[OutletCode] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    def __call__(self, code: OutletCode, text: str, **values: str) -> None:
        assert text
        self.codes.append(code)
        self.values |= values

    def notice(self, notice: OutletNotice) -> None:
        """Remember what a worker says."""
        self(notice.code, notice.text, **notice.values)
