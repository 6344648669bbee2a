"""Teaching of a sign of the user's own: it is shown a few times, and a profile recognises it from then on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.calibration_wizard.running_glove import RunningGlove
from firmware_bridge.calibration_wizard.wizard import TEMPORARY, CalibrationAnswer, CalibrationPrompt
from scaleglove.client import StreamError
from scaleglove.client.wearers import Calibrated, Guidance, Shown, Wearer

_UNUSABLE: Final = frozenset({"sensor_dropped"})
"""Faults with which an example is no use; an example close to another label is kept, and the user hears of it."""


@dataclass(slots=True)
class Teaching:
    """Teaching of the sign `label` to one wearer's profile, shown `shows` times; `alone`: the profile recognises own
    signs alone; `signs_from`: the other wearer whose own signs it recognises too."""

    wearer: Wearer
    glove: RunningGlove
    prompt: CalibrationPrompt
    label: str
    shows: int
    alone: bool | None = None
    signs_from: str | None = None
    _kept: list[Shown] = field(default_factory=list)

    def run(self) -> Calibrated | None:
        """Ask for the sign until it was shown often enough, then make the profile; return None if the user quit before.

        Raises:
            StreamError: the service cannot be reached, or refuses.
        """
        try:
            while len(self._kept) < self.shows:
                self.glove.show(self.label)
                match self.prompt.ready(self._asked(), bool(self._kept)):
                    case CalibrationAnswer.QUIT:
                        return None
                    case CalibrationAnswer.REDO:
                        if self._kept:
                            self.wearer.take_back(self._kept.pop().id)
                    case CalibrationAnswer.ENOUGH:
                        if self._kept:
                            break
                        self.prompt.refused(StreamError("no_examples", "there is no example of it yet: show it first"))
                    case CalibrationAnswer.TAKE:
                        self.prompt.hold()
                        self._take()
        finally:
            self.glove.show(None)
        return self.wearer.calibrate(
            self.glove.profiled(), [self.label], self.alone, self.signs_from, self.glove.running()
        )

    def _asked(self) -> Guidance:
        count = len(self._kept)
        reason = f"{count + 1} of {self.shows}" if not count else f"{count + 1} of {self.shows}, a little differently"
        have = {self.label: count}
        return Guidance(
            next=self.label,
            again=count > 0,
            reason=reason,
            enough=False,
            expected_accuracy=None,
            have=have,
            confused=[],
        )

    def _take(self) -> None:
        try:
            example = self.wearer.show(self.label, self.glove.stream())
        except StreamError as error:
            if error.code not in TEMPORARY:
                raise
            self.prompt.refused(error)
            return
        is_kept = example.code not in _UNUSABLE
        self.prompt.shown(example, is_kept)
        if is_kept:
            self._kept.append(example)
        else:
            self.wearer.take_back(example.id)
