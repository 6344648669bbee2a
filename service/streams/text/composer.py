"""The line being written: letters become words, and rests become spaces.

Pure: device time is an argument. The current word is committed when the hand has rested for `space_s`, or by an edit.
The space after it is written when the next letter begins, so that a line never ends with one.
"""

from __future__ import annotations

from typing import Final

from scaleglove.hangul.spelling import REST, letters
from scaleglove.hangul.syllables import compose
from scaleglove.protocol import EditAction, Text, TextOptions
from service.streams.text.lexicon import read_word

MAX_COMMITTED: Final = 1000
"""Characters of the line that are kept; older ones are dropped."""

MAX_WORD: Final = 64
"""Letters of the current word: no Korean word is as long, and a hand that never rests must not fill the memory."""

_REOPENED: Final = 9
"""Characters of committed text that `delete` makes the current word again: of up to seven letters each, they fit
MAX_WORD."""


class TextComposer:
    """The line of one stream; `text` is its present state."""

    def __init__(self, options: TextOptions) -> None:
        self._space_ms = options.space_s * 1000
        self._read = read_word if options.lexicon else compose
        self._committed = ""
        self._word: list[str] = []
        self._last_word = ""  # its letters, as decoded
        self._held = False
        self._end_ms: float | None = None  # of the last letter; None: no space is due
        self._t_ms = 0.0

    @property
    def text(self) -> Text:
        return Text(
            self._t_ms, self._committed, self._read("".join(self._word)), "".join(self._word) or self._last_word
        )

    def begin(self, letter: str, t_ms: float) -> Text:
        """Take the begin of a letter; return the line after it."""
        self.tick(t_ms)
        if not self._word and self._end_ms is not None:
            self._write(REST)
        if len(self._word) >= MAX_WORD:
            self._commit()
        self._word.append(letter)
        self._held, self._end_ms, self._t_ms = True, None, t_ms
        return self.text

    def end(self, t_ms: float) -> None:
        """Take the end of the letter. If an edit has ended the word meanwhile, no space follows."""
        self._held, self._end_ms = False, t_ms if self._word else None

    def tick(self, t_ms: float) -> Text | None:
        """Return the line if the word has ended by now."""
        if not self._word or self._held or self._end_ms is None or t_ms - self._end_ms < self._space_ms:
            return None
        self._commit()
        self._t_ms = t_ms
        return self.text

    def edit(self, action: EditAction, t_ms: float) -> Text:
        """Edit the line; return it as it then is.

        `delete` removes one letter, also of a committed word; after `commit` the next letter follows without a space.
        """
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
        """End the word, even if its last letter is held; a space follows. Return the line if it changes."""
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
        self._end_ms = None  # the word waits for its next letter
        if not self._word and self._committed.endswith(REST):
            self._committed = self._committed[: -len(REST)]
            return
        if not self._word:  # the end of the last word becomes the current word again
            end = self._committed.rpartition(REST)[2][-_REOPENED:]
            self._committed = self._committed.removesuffix(end)
            self._word, self._last_word = letters(end), ""
        if self._word:
            self._word.pop()
