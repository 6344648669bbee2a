"""Words that make a hand show every letter: few, short and frequent ones. Pure.

Which words have all letters is a set cover, for which the greedy choice is near the best (Chvátal, A Greedy Heuristic
for the Set-Covering Problem, 1979): the word comes next of whose letters the largest share is still needed, and of
several such words the most frequent one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple


class SpelledWord(NamedTuple):
    """A word, and the labels that sign it."""

    word: str
    labels: tuple[str, ...]


def covering_words(words: Iterable[SpelledWord], needed: Mapping[str, int]) -> list[SpelledWord]:
    """Return words, each once, in which every label occurs as often as it is needed, in the order to sign them in.

    The same words and needs give the same answer. What the words cannot cover stays uncovered.

    Args:
        words: the most frequent first. One that has a label twice in a row is left out: the two holds look like one.
        needed: how often each label is needed at least; a word may have others too.
    """
    candidates = [word for word in words if not _repeats(word.labels)]
    left = Counter(needed)
    chosen: list[SpelledWord] = []
    while candidates:
        best = max(candidates, key=lambda word: _use(word.labels, left))  # of equal ones the first
        if _use(best.labels, left) == 0:
            break
        candidates.remove(best)
        chosen.append(best)
        left -= Counter(best.labels)  # a counter drops what is covered
    return _ordered(_without_spare(chosen, needed))


def _repeats(labels: Sequence[str]) -> bool:
    return any(one == other for one, other in pairwise(labels))


def _use(labels: Sequence[str], left: Mapping[str, int]) -> float:
    """Return the share of a word's letters that is needed."""
    return sum(min(count, left.get(label, 0)) for label, count in Counter(labels).items()) / max(1, len(labels))


def _without_spare(chosen: list[SpelledWord], needed: Mapping[str, int]) -> list[SpelledWord]:
    """Leave out the longest words that the others make superfluous."""
    total = Counter(label for word in chosen for label in word.labels)
    kept = list(chosen)
    for word in sorted(chosen, key=lambda each: -len(each.labels)):
        counts = Counter(word.labels)
        wanted = {label: min(total[label], needed.get(label, 0)) for label in counts}
        if all(total[label] - count >= wanted[label] for label, count in counts.items()):
            kept.remove(word)
            total -= counts
    return kept


def _ordered(words: list[SpelledWord]) -> list[SpelledWord]:
    """Put no word behind one that ends with its first letter, where that can be had: the hand would not move."""
    ordered: list[SpelledWord] = []
    for word in words:
        places = range(len(ordered), -1, -1)
        place = next((place for place in places if _fits(word, ordered, place)), len(ordered))
        ordered.insert(place, word)
    return ordered


def _fits(word: SpelledWord, ordered: Sequence[SpelledWord], place: int) -> bool:
    """Return whether the hand moves before and after a word that is put in this place."""
    before, after = ordered[:place], ordered[place:]
    begins = not before or before[-1].labels[-1] != word.labels[0]
    return begins and (not after or after[0].labels[0] != word.labels[-1])
