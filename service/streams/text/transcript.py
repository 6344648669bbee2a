"""The letters of one stream and the line that they write: windows in, `gesture` and `text` messages out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scaleglove.protocol import EditAction, Gesture, Text
from scaleglove.vocabulary import Vocabulary
from service.streams.text.composer import TextComposer
from service.streams.text.decoder import LetterDecoder, ScoredWindow


class Transcript:
    """A decoder and a composer, in step: the composer is given each letter that the decoder begins or ends."""

    def __init__(self, decoder: LetterDecoder, composer: TextComposer) -> None:
        self._decoder = decoder
        self._composer = composer

    def use(self, decoder: LetterDecoder, vocabulary: Vocabulary, t_ms: float) -> Iterator[Gesture | Text]:
        """Use another decoder, of another vocabulary, from here on; the letter and the word end."""
        yield from self._write(self._decoder.forget(t_ms))
        self._decoder = decoder
        if (text := self._composer.use(vocabulary, t_ms)) is not None:
            yield text

    def push(self, window: ScoredWindow) -> Iterator[Gesture | Text]:
        """Take the next window, in order of device time."""
        yield from self._write(self._decoder.push(window))
        # How long the hand rests is not known while it may be making a sign.
        if not self._decoder.is_moving and (text := self._composer.tick(window.t_ms)) is not None:
            yield text

    def break_off(self, t_ms: float) -> Iterator[Gesture | Text]:
        """End the letter, since frames are missing or none arrive; the word goes on."""
        return self._write(self._decoder.break_off(t_ms))

    def end_word(self, t_ms: float) -> Iterator[Gesture | Text]:
        """End the letter and the word; what follows is unrelated."""
        yield from self._write(self._decoder.forget(t_ms))
        yield from self.finish(t_ms)

    def finish(self, t_ms: float) -> Iterator[Text]:
        """End the word, since how long the hand rests is no longer known."""
        if (text := self._composer.finish(t_ms)) is not None:
            yield text

    def edit(self, action: EditAction, t_ms: float) -> Text:
        """Edit the line; return it as it then is."""
        return self._composer.edit(action, t_ms)

    def _write(self, gestures: Iterable[Gesture]) -> Iterator[Gesture | Text]:
        """Yield gestures, each with the line after it."""
        for gesture in gestures:
            yield gesture
            if gesture.phase == "begin":
                yield self._composer.begin(gesture.label, gesture.t_ms)
            else:
                self._composer.end(gesture.t_ms)
