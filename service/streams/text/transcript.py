"""The letters of one stream and the line that they write: windows in, `gesture`, `text` and `word` messages out.

Pure: device time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from scaleglove.protocol import EditAction, Gesture, Text, TextOptions, Word
from scaleglove.vocabulary import Vocabulary
from service.streams.scored_window import ScoredWindow
from service.streams.text.composer import TextComposer
from service.streams.text.decoder import LetterDecoder
from service.streams.words.lesson import Lesson
from service.streams.words.options import DEFAULT, OF_KNOWN_HAND, USUAL, WordRules
from service.streams.words.signed_word import SignedWord

ENOUGH_EXAMPLES: Final = 2
"""Examples of each letter, in the mean, from which on a hand counts as known where words are understood: with one of
each, too many of its letters are too doubtful to be written (docs/reports/words.md)."""

Written = Gesture | Text | Word


class Transcript:
    """A decoder of letters, the word that they are of, and a composer, in step: the composer is given each letter that
    the decoder begins or ends, and the word what was held for it."""

    def __init__(
        self,
        decoder: LetterDecoder,
        options: TextOptions,
        vocabulary: Vocabulary,
        examples_each: float,
        rules: WordRules = USUAL,
    ) -> None:
        self._decoder = decoder
        self._words = options.words
        self._signed = SignedWord(vocabulary, 1000 * options.space_s, enabled=False, rules=rules)
        self.know_hand(examples_each)
        self._composer = TextComposer(options, vocabulary, self._signed)

    def use(self, decoder: LetterDecoder, vocabulary: Vocabulary, t_ms: float) -> Iterator[Written]:
        """Use another decoder, of another vocabulary, from here on; the letter and the word end."""
        yield from self._write(self._decoder.forget(t_ms))
        self._decoder = decoder
        self._decoder.know_hand(self._has_examples)
        yield from self._changed(self._composer.use(vocabulary, t_ms))

    def know_hand(self, examples_each: float) -> None:
        """Note how many examples of each letter the wearer has shown: that decides what a word's letters weigh, and
        what may be a letter on its own."""
        self._has_examples = examples_each > 0
        self._decoder.know_hand(self._has_examples)
        options = OF_KNOWN_HAND if examples_each >= ENOUGH_EXAMPLES else DEFAULT
        self._signed.enable(self._words is not False, options)

    def push(self, window: ScoredWindow) -> Iterator[Written]:
        """Take the next window, in order of device time."""
        self._signed.see(window)
        yield from self._write(self._decoder.push(window), window)
        # How long the hand rests is not known while it may be making a sign.
        if not self._decoder.is_moving:
            yield from self._changed(self._composer.tick(window.t_ms))

    def break_off(self, t_ms: float) -> Iterator[Written]:
        """End the letter, since frames are missing or none arrive; the word goes on."""
        self._signed.let_go()
        return self._write(self._decoder.break_off(t_ms))

    def end_word(self, t_ms: float) -> Iterator[Written]:
        """End the letter and the word; what follows is unrelated."""
        yield from self._write(self._decoder.forget(t_ms))
        yield from self.finish(t_ms)
        self._signed.let_go()

    def finish(self, t_ms: float) -> Iterator[Written]:
        """End the word, since how long the hand rests is no longer known."""
        yield from self._changed(self._composer.finish(t_ms))

    def edit(self, action: EditAction, t_ms: float) -> tuple[Text, list[Word]]:
        """Edit the line; return it as it then is, and the words that the edit has ended or taken back."""
        return self._composer.edit(action, t_ms), self._composer.take_words()

    def take_lessons(self) -> list[Lesson]:
        """Return what words have taught of the hand since this was asked last."""
        return self._composer.take_lessons()

    def _write(self, gestures: Iterable[Gesture], window: ScoredWindow | None = None) -> Iterator[Written]:
        """Yield gestures of a window, each with the line after it."""
        for gesture in gestures:
            yield gesture
            if gesture.phase == "end":
                self._composer.end(gesture.t_ms)
                continue
            if window is None or gesture.t_ms == window.t_ms or self._decoder.moves(gesture.label):
                yield from self._changed(self._composer.begin(gesture.label, gesture.t_ms))
                if window is not None:  # letters begin in windows alone
                    self._signed.write(gesture.label, window, moved=gesture.t_ms < window.t_ms)
                continue
            # It was kept back until now: what seemed a rest meanwhile was one.
            yield from self._changed(self._composer.begin(gesture.label, window.t_ms))
            self._signed.write_late(gesture.label, gesture.t_ms)

    def _changed(self, text: Text | None) -> Iterator[Text | Word]:
        """Yield the line, if it has changed, and the words that were changed in it."""
        if text is not None:
            yield text
        yield from self._composer.take_words()
