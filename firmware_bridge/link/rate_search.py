"""Search for a baud rate by what can be read at it. Pure: time is an argument.

At a wrong rate bytes come too, but they are neither frames nor text. Silence says nothing about a rate.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from enum import Enum
from typing import Final

from firmware_bridge.codec.glove_reader import GloveReader

_MIN_BYTES: Final = 48
"""A rate is not given up before this: a glove sends more in one or two frames."""

_MAX_LINE: Final = 256
"""Characters without the end of a line that text may have: digits read at half their rate are printable characters
without one."""

_MAX_HELD_BYTES: Final = 64 * 1024
"""A rate at which this much comes without a frame is given up at once; it bounds what is held."""

_ODD_SHARE: Final = 0.1
"""Share of characters that text may lack: a board's reset leaves a few stray bytes before it. Of bytes read at a wrong
rate more than a third are none."""


class Verdict(Enum):
    """What to do with the bytes of a read."""

    PASS = "pass"
    HOLD = "hold"
    """Keep them until the rate is judged, so that a wrong rate leaves no damage in the counts."""
    NEXT = "next"
    """Drop them and try `RateSearch.baud`, which is another rate now."""


class RateSearch:
    """Search through `rates` in order, repeatedly, until a frame or a letter can be read; then the rate is settled.

    A rate is given up after `listen_s` seconds of bytes without a frame that are no text. A single rate is never given
    up, but `doubtful` then.
    """

    def __init__(self, rates: Sequence[int], listen_s: float) -> None:
        self._rates = rates
        self._listen_s = listen_s
        self._index = 0
        self.tried = 0
        self.settled = False
        self.doubtful = False
        self._odd_since_s: float | None = None
        self._restart()

    @property
    def baud(self) -> int:
        """The rate to read at."""
        return self._rates[self._index]

    @property
    def is_single(self) -> bool:
        """Whether there is one rate alone, so that nothing is searched."""
        return len(self._rates) == 1

    @property
    def previous(self) -> int:
        """The rate that was given up last."""
        return self._rates[self._index - 1]

    def judge(self, data: bytes, now_s: float) -> Verdict:
        """Return what to do with `data`, which was read at `baud`."""
        if self.settled:
            return Verdict.PASS
        self._decoder.feed(data, 1000 * now_s)
        counts = self._decoder.counts
        if counts.frames or counts.letters:
            self.settled, self.doubtful = True, False
            return Verdict.PASS
        self._count(data)
        if self._odd <= _ODD_SHARE * self._characters and self._line <= _MAX_LINE:
            self._odd_since_s = None
            return Verdict.PASS if self._has_lines or self.is_single else Verdict.HOLD
        if self._odd_since_s is None:
            self._odd_since_s = now_s
        is_over = now_s - self._odd_since_s >= self._listen_s and self._bytes >= _MIN_BYTES
        if not is_over and self._bytes < _MAX_HELD_BYTES:
            return Verdict.HOLD if self._is_first_round else Verdict.PASS
        return self._give_up()

    @property
    def _is_first_round(self) -> bool:
        """Whether bytes are held: after a round without a result they are passed on, so that their damage shows."""
        return self.tried < len(self._rates) and not self.is_single

    def _give_up(self) -> Verdict:
        self._restart()
        if self.is_single:
            self.doubtful = True
            return Verdict.PASS
        self.tried += 1
        self._index = (self._index + 1) % len(self._rates)
        return Verdict.NEXT

    def _restart(self) -> None:
        self._decoder = GloveReader()
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._bytes = self._characters = self._odd = self._line = 0
        self._has_lines = False
        self._odd_since_s = None

    def _count(self, data: bytes) -> None:
        text = self._text.decode(data)
        self._bytes += len(data)
        self._characters += len(text)
        self._odd += sum(not (character.isprintable() or character in "\t\r\n") for character in text)
        ended = max(text.rfind("\n"), text.rfind("\r")) + 1
        self._has_lines |= ended > 0
        self._line = len(text) - ended if ended else self._line + len(text)
        self._odd += text.count("\ufffd")  # what is no UTF-8; Python calls its replacement printable
