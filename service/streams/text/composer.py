"""The line being written: letters become words, and rests become spaces.

Pure: device time is an argument. The current word is committed when the hand has rested for `space_s`, or by an edit.
Then its language may change it, or find that it was not meant (`service/streams/words/`), which the wearer can take
back. The space after it is written when the next letter begins, so that a line never ends with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scaleglove.protocol import EditAction, Text, TextOptions, Word
from scaleglove.spelling import REST, Piece, spelling_of
from scaleglove.vocabulary import Vocabulary
from service.streams.text.committed_text import CommittedText
from service.streams.words.lesson import Lesson
from service.streams.words.signed_word import SignedWord
from service.streams.words.word_decoder import DecodedWord

MAX_WORD: Final = 64
"""Letters of the current word: no word is as long, and a hand that never rests must not fill the memory."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """A word that its language changed: the message about it, its text as it was signed and as it is written (nothing
    where it was not meant), and what it teaches if it was meant as it was signed."""

    word: Word
    signed: list[Piece]
    written: list[Piece]
    lessons: list[Lesson]
    before: str = ""
    """Of a word that is not written: the line without it."""
    is_apart: bool = False
    """There was a space before it."""


class TextComposer:
    """The line of one stream; `text` is its present state. `signed` has the holds of the word that is being signed."""

    def __init__(self, options: TextOptions, vocabulary: Vocabulary, signed: SignedWord) -> None:
        self._lexicon = options.lexicon
        self._spelling = spelling_of(vocabulary, lexicon=options.lexicon)
        self._signed = signed
        self._changed: _Changed | None = None
        """The newest word, while its change can be taken back."""
        self._words: list[Word] = []
        self._lessons: list[Lesson] = []
        self._committed = CommittedText()
        self._word: list[str] = []
        self._last_word = ""  # its letters, as decoded
        self._held = False
        self._end_ms: float | None = None  # of the last letter; None: no space is due
        self._rests = False  # a rest has ended the word, and nothing happened since
        self._rest_ms = 0.0  # when that was
        self._t_ms = 0.0

    def use(self, vocabulary: Vocabulary, t_ms: float) -> Text | None:
        """Spell in another vocabulary from here on; the word so far ends. Return the line if it changes."""
        text = self.finish(t_ms)
        self._spelling = spelling_of(vocabulary, lexicon=self._lexicon)
        self._signed.use(vocabulary)
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
            self._commit(t_ms)
            self._committed.write_space()
        elif self._rests and t_ms < self._rest_ms:
            self._go_on()
        elif not self._word and self._end_ms is not None:
            self._committed.write_space()
        if len(self._word) >= MAX_WORD:
            self._commit(t_ms)
        if not self._word:
            self._signed.start()
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
        self._commit(t_ms)
        self._rests, self._rest_ms, self._t_ms = True, t_ms, t_ms
        return self.text

    def edit(self, action: EditAction, t_ms: float) -> Text:
        """Edit the line; return it as it then is.

        `delete` removes one letter, also of a committed word; after `commit` the next letter follows without a space.
        """
        if action == "as_signed":
            self._take_back(t_ms)
            return self.text
        if action == "delete":
            self._delete()
        else:
            self._commit(t_ms, is_meant=True)
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
        self._commit(t_ms)
        self._held, self._end_ms, self._rests, self._t_ms = False, t_ms, False, t_ms
        return self.text

    def _is_rest(self, t_ms: float) -> bool:
        """Return whether the time since the last letter ends a word."""
        return self._end_ms is not None and self._signed.is_resting(self._end_ms, t_ms)

    def _stands_apart(self, label: str) -> bool:
        """Return whether a space separates a label from the current word without a rest."""
        return any(map(self._spelling.is_word, (label, *self._word[-1:])))

    def take_words(self) -> list[Word]:
        """Return what languages and the wearer have changed since this was asked last."""
        taken, self._words = self._words, []
        return taken

    def take_lessons(self) -> list[Lesson]:
        """Return what words have taught of the hand since this was asked last."""
        taken, self._lessons = self._lessons, []
        return taken

    def _commit(self, t_ms: float, *, is_meant: bool = False) -> None:
        """End the word; `is_meant`: by an edit, so that it is written whatever the language makes of it."""
        if not self._word:
            return
        letters, before = tuple(self._word), self._committed.text
        self._last_word, self._word, self._changed = "".join(letters), [], None
        signed = self._spelling.finish(letters, before)
        found = self._signed.understood(letters)
        is_believed = found is None or is_meant or self._signed.is_believed(found)
        self._signed.end()
        if found is None:
            self._committed.write(signed)
        elif is_believed:
            self._write_understood(found, signed, t_ms)
        else:
            self._leave_out(found, signed, t_ms)

    def _write_understood(self, found: DecodedWord, signed: list[Piece], t_ms: float) -> None:
        """Write a word as its language has it."""
        self._lessons += self._signed.lessons(found)
        if not found.is_changed:
            self._committed.write(signed)
            return
        names = self._signed.names
        written = self._spelling.finish([names[label] for label in found.labels], self._committed.text)
        self._committed.write(written)
        if _text(signed) == _text(written):  # h-e-l-o and h-e-l-l-o are both read as hello
            return
        word = self._word_of(found, signed, t_ms, _text(written), known=found.in_list)
        self._words.append(word)
        self._changed = _Changed(word, signed, written, self._signed.lessons_as_signed(found))

    def _leave_out(self, found: DecodedWord, signed: list[Piece], t_ms: float) -> None:
        """Write nothing for a word that was not meant."""
        word = self._word_of(found, signed, t_ms, "", known=False)
        self._words.append(word)
        is_apart = self._committed.remove_space()
        lessons = self._signed.lessons_as_signed(found)
        self._changed = _Changed(word, signed, [], lessons, self._committed.text, is_apart)

    def _word_of(self, found: DecodedWord, signed: list[Piece], t_ms: float, written: str, *, known: bool) -> Word:
        return Word(t_ms, self._last_word, _text(signed), written, "language", known, round(found.margin, 3))

    def _take_back(self, t_ms: float) -> None:
        """Write the newest word as it was signed, if its language has changed it and it was not edited since."""
        changed, self._changed = self._changed, None
        if changed is None or not self._restore(changed):
            return
        self._t_ms = t_ms
        self._words.append(replace(changed.word, t_ms=t_ms, written=changed.word.signed, by="wearer", known=False))
        self._lessons += changed.lessons

    def _go_on(self) -> None:
        """Take the newest word up again, as it was signed."""
        changed, self._changed = self._changed, None
        if changed is not None:
            self._restore(changed)
        self._word = self._committed.reopen(self._spelling, MAX_WORD)

    def _restore(self, changed: _Changed) -> bool:
        """Write a changed word as it was signed, before the space that follows it, if the line still ends with it;
        return whether it does."""
        if changed.written:
            return self._committed.replace_end(changed.written, changed.signed)
        if self._committed.text.removesuffix(REST) != changed.before:
            return False
        is_followed = self._committed.remove_space() or bool(self._word)
        if changed.is_apart:
            self._committed.write_space()
        self._committed.write(changed.signed)
        if is_followed:
            self._committed.write_space()
        return True

    def _delete(self) -> None:
        self._end_ms = None  # the word waits for its next letter
        if not self._word and self._committed.remove_space():
            return
        if not self._word:  # the end of the last word becomes the current word again
            self._word, self._last_word = self._committed.reopen(self._spelling, MAX_WORD), ""
            self._signed.abandon()
            self._changed = None
        if self._word:
            self._word.pop()
            self._signed.delete()


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)
