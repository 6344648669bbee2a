"""The line being written: letters as they begin and end become words, and rests become spaces.

Pure: device time comes in. A word is in work until the hand has rested for `space_s`, or until it is ended by an edit;
then it is committed. The space after it is written when the next letter begins, so that a line never ends with one.
"""

from __future__ import annotations

from typing import Final

from scaleglove.hangul.spelling import REST, letters
from scaleglove.hangul.syllables import compose
from scaleglove.protocol import EditAction, Text, TextOptions
from service.streams.text.lexicon import read_word

MAX_COMMITTED: Final = 1000
"""Characters of the line that are kept; what was written before them is gone from here."""

MAX_WORD: Final = 64
"""Letters in work: no word of Korean is as long, and a hand that never rests shall not fill the memory."""

_REOPENED: Final = 9
"""Characters of committed text that are taken back into work: of up to seven letters each, they fit MAX_WORD."""


class TextComposer:
    """Of one stream. Everything it is told may change the line; `text` is how it stands."""

    def __init__(self, options: TextOptions) -> None:
        self._space_ms = options.space_s * 1000
        self._read = read_word if options.lexicon else compose
        self._committed = ""
        self._word: list[str] = []
        self._last_word = ""  # its letters as they were decoded
        self._held = False
        self._end_ms: float | None = None  # of the last letter; None: no space is due
        self._t_ms = 0.0

    @property
    def text(self) -> Text:
        return Text(
            self._t_ms, self._committed, self._read("".join(self._word)), "".join(self._word) or self._last_word
        )

    def begin(self, letter: str, t_ms: float) -> Text:
        """A letter was recognised."""
        self.tick(t_ms)
        if not self._word and self._end_ms is not None:
            self._write(REST)
        if len(self._word) >= MAX_WORD:
            self._commit()
        self._word.append(letter)
        self._held, self._end_ms, self._t_ms = True, None, t_ms
        return self.text

    def end(self, t_ms: float) -> None:
        """It was let go. A word that was ended by an edit while it was held has no rest after it."""
        self._held, self._end_ms = False, t_ms if self._word else None

    def tick(self, t_ms: float) -> Text | None:
        """Time has passed: whether the word is over."""
        if not self._word or self._held or self._end_ms is None or t_ms - self._end_ms < self._space_ms:
            return None
        self._commit()
        self._t_ms = t_ms
        return self.text

    def edit(self, action: EditAction, t_ms: float) -> Text:
        """What the wearer, or somebody who helps, wants otherwise. `delete` takes one letter back, also out of a word
        that is committed; `commit` ends the word, and the next letter goes on without a space."""
        if action == "delete":
            self._delete()
        else:
            self._commit()
            self._end_ms = None
        if action == "space":
            self._write(REST)
        if action == "clear":
            self._committed = self._last_word = ""
        self._t_ms = t_ms
        return self.text

    def finish(self, t_ms: float) -> Text | None:
        """Nothing more comes of this word, whoever holds its last letter; another begins after a space."""
        if not self._word:
            return None
        self._commit()
        self._held, self._end_ms, self._t_ms = False, t_ms, t_ms
        return self.text

    def _commit(self) -> None:
        if self._word:
            self._last_word = "".join(self._word)
            self._write(self._read(self._last_word))
            self._word = []

    def _write(self, text: str) -> None:
        if text == REST and (not self._committed or self._committed.endswith(REST)):
            return
        self._committed = (self._committed + text)[-MAX_COMMITTED:]

    def _delete(self) -> None:
        self._end_ms = None  # the word waits for what is to stand there instead
        if not self._word and self._committed.endswith(REST):
            self._committed = self._committed[: -len(REST)]
            return
        if not self._word:  # the last word is in work again, or as much of it as one may be
            end = self._committed.rpartition(REST)[2][-_REOPENED:]
            self._committed = self._committed.removesuffix(end)
            self._word, self._last_word = letters(end), ""
        if self._word:
            self._word.pop()
