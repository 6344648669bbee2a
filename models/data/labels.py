"""Labels of recordings: which vocabulary a training or an evaluation of them has. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from scaleglove.letters import LETTERS
from scaleglove.recordings import Episode
from scaleglove.validation_faults import describe_fault
from scaleglove.vocabulary import (
    REST,
    Vocabulary,
    VocabularyError,
    load_vocabulary,
    package_vocabularies,
)


def vocabulary_of(episodes: Sequence[Episode]) -> Vocabulary:
    """Return the vocabulary of the episodes' labels: Korean where one is a Korean letter, a vocabulary of the package
    that has exactly these labels, else the labels themselves in the order of their characters.

    Raises:
        VocabularyError: the labels make no vocabulary, such as a single one.
    """
    if any(episode.label in LETTERS for episode in episodes):
        return load_vocabulary("korean")
    labels = sorted({episode.label for episode in episodes} - {"", REST})
    known = (load_vocabulary(name) for name in package_vocabularies())
    same = next((vocabulary for vocabulary in known if set(vocabulary.names) == set(labels)), None)
    try:
        return same or Vocabulary.of(labels)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        detail = f"{where} {describe_fault(fault)}"
        raise VocabularyError(f"the recordings' labels ({len(labels)}) make no vocabulary: {detail}") from None
