"""The spelling of one language: from the labels of a vocabulary to text, and back. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from scaleglove.vocabulary import Vocabulary


class Piece(NamedTuple):
    """A part of written text, and the labels that it was signed with."""

    text: str
    labels: tuple[str, ...] = ()


class Spelling(ABC):
    """How the labels of a vocabulary become text.

    A label is a letter of the language or a word of its own. A word is the labels between two spaces: letters, or one
    label that is a word. The labels of a word never change; a spelling chooses among the texts that they can be.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._texts = {each.label: each.display.strip() or each.label for each in vocabulary.labels}

    @abstractmethod
    def is_word(self, label: str) -> bool:
        """Return whether a label is a word of its own, with a space on either side."""

    @abstractmethod
    def labels(self, text: str) -> list[str]:
        """Return the labels that sign `text`, with `REST` for a space where the hand has to rest.

        Raises:
            SpellingError: the vocabulary cannot sign it.
        """

    @abstractmethod
    def compose(self, word: Sequence[str], before: str) -> str:
        """Return the text of a word that is being signed, after the text `before`."""

    @abstractmethod
    def finish(self, word: Sequence[str], before: str) -> list[Piece]:
        """Return the text of a word that has ended, after the text `before`, in parts that can be edited by label."""
