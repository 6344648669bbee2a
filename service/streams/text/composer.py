"""The line being written: letters become words, and rests become spaces.

Pure: device time is an argument. The current word is committed when the hand has rested for `space_s`, or by an edit.
The space after it is written when the next letter begins, so that a line never ends with one.
"""

from __future__ import annotations

from typing import Final

from scaleglove.protocol import EditAction, Text, TextOptions
from scaleglove.spelling import spelling_of
from scaleglove.vocabulary import Vocabulary
from service.streams.text.committed_text import CommittedText

MAX_WORD: Final = 64
"""Letters of the current word: no word is as long, and a hand that never rests must not fill the memory."""


class TextComposer:
    """The line of one stream; `text` is its present state."""

    def __init__(self, options: TextOptions, vocabulary: Vocabulary) -> None:
        self._space_ms = options.space_s * 1000
        self._lexicon = options.lexicon
        self._spelling = spelling_of(vocabulary, lexicon=options.lexicon)
        self._committed = CommittedText()
        self._word: list[str] = []
        self._last_word = ""  # its letters, as decoded
        self._held = False
        self._end_ms: float | None = None  # of the last letter; None: no space is due
        self._rests = False  # a rest has ended the word, and nothing happened since
        self._t_ms = 0.0

    def use(self, vocabulary: Vocabulary, t_ms: float) -> Text | None:
        """Spell in another vocabulary from here on; the word so far ends. Return the line if it changes."""
        text = self.finish(t_ms)
        self._spelling = spelling_of(vocabulary, lexicon=self._lexicon)
        return text

    @property
    def text(self) -> Text:
        committed = self._committed.text
        composing = self._spelling.compose(self._word, committed)
        return Text(self._t_ms, committed, composing, "".join(self._word) or self._last_word)

    def begin(self, letter: str, t_ms: float) -> Text:
        """Take the begin of a letter, or of a sign that is a word; return the line after it.

        A sign that moves is known when its movement has ended, and its begin may lie before what seemed a rest.
        """
        self.tick(t_ms)
        if self._stands_apart(letter):
            self._commit()
            self._committed.write_space()
        elif self._rests and not self._is_rest(t_ms):
            self._word = self._committed.reopen(self._spelling, MAX_WORD)
        elif not self._word and self._end_ms is not None:
            self._committed.write_space()
        if len(self._word) >= MAX_WORD:
            self._commit()
        self._word.append(letter)
        self._held, self._end_ms, self._rests, self._t_ms = True, None, False, max(t_ms, self._t_ms)
        return self.text

    def end(self, t_ms: float) -> None:
        """Take the end of the letter. If an edit has ended the word meanwhile, no space follows."""
        self._held, self._end_ms = False, t_ms if self._word else None

    def tick(self, t_ms: float) -> Text | None:
        """Return the line if the word has ended by now."""
        if not self._word or self._held or not self._is_rest(t_ms):
            return None
        self._commit()
        self._rests, self._t_ms = True, t_ms
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
            self._committed.write_space()
        if action == "clear":
            self._committed.clear()
            self._last_word = ""
        self._rests, self._t_ms = False, t_ms
        return self.text

    def finish(self, t_ms: float) -> Text | None:
        """End the word, even if its last letter is held; a space follows. Return the line if it changes."""
        if not self._word:
            return None
        self._commit()
        self._held, self._end_ms, self._rests, self._t_ms = False, t_ms, False, t_ms
        return self.text

    def _is_rest(self, t_ms: float) -> bool:
        """Return whether the time since the last letter ends a word."""
        return self._end_ms is not None and t_ms - self._end_ms >= self._space_ms

    def _stands_apart(self, label: str) -> bool:
        """Return whether a space separates a label from the current word without a rest."""
        return any(map(self._spelling.is_word, (label, *self._word[-1:])))

    def _commit(self) -> None:
        if self._word:
            self._last_word = "".join(self._word)
            self._committed.write(self._spelling.finish(self._word, self._committed.text))
            self._word = []

    def _delete(self) -> None:
        self._end_ms = None  # the word waits for its next letter
        if not self._word and self._committed.remove_space():
            return
        if not self._word:  # the end of the last word becomes the current word again
            self._word, self._last_word = self._committed.reopen(self._spelling, MAX_WORD), ""
        if self._word:
            self._word.pop()
