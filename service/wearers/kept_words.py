"""What words have shown of a wearer's hand in a stream, kept as examples on request. It blocks, as `store`.

They are examples as shown ones are, raw windows, which any later artefact can use; marked as of words, each with its
weight. A profile keeps the two apart: words never take the place of what the wearer has shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from pydantic import BaseModel, Field
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.streams.words.word_shapes import WordShape, WordShapes
from service.wearers.database import Database
from service.wearers.limits import MAX_WORDS
from service.wearers.records import Example
from service.wearers.store import OF_WORDS, count_labels, new_row
from service.wearers.tables import ExampleRow, wearer_row

MOST_EACH: Final = 12
"""Examples of words of one label that are kept, the most believed ones: with this many a few wrong ones among them
cannot win against a shown one (`models.adaptation.online`), and rare letters keep theirs."""


class KeptWords(BaseModel):
    """Examples that words have shown, as they are kept now."""

    added: int = Field(description="those of this stream that are kept")
    words: dict[str, int] = Field(description="number of all that are kept of the wearer by label")


class WordKeeper:
    """Examples of words of all wearers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, name: str, stream: str, found: WordShapes) -> KeptWords:
        """Keep what words have shown in a stream as examples of a wearer, the surest MOST_EACH of each label.

        What was kept of the same stream before is replaced as far back as the stream remembers: what a later word has
        contradicted is kept no longer.

        Raises:
            ProblemError: 404 `unknown_wearer`, 503 or 507.
        """
        with self._database.writing() as session:
            wearer_id = wearer_row(session, name).id
            own = (ExampleRow.wearer_id == wearer_id, ExampleRow.source == OF_WORDS)
            of_stream = (*own, ExampleRow.stream == stream)
            if found.since_ms is not None:
                session.execute(delete(ExampleRow).where(*of_stream, ExampleRow.t_ms >= found.since_ms))
            session.add_all(_row(wearer_id, stream, shape, found.sample_rate_hz) for shape in found.shapes)
            session.flush()
            _drop_surplus(session, wearer_id)
            added = session.scalar(select(func.count()).where(*of_stream)) or 0
            kept = KeptWords(added=added, words=count_labels(session, *own))
        self._database.purge_deleted()
        return kept


def _row(wearer_id: int, stream: str, shape: WordShape, sample_rate_hz: float) -> ExampleRow:
    row = new_row(wearer_id, Example(shape.label, shape.frames, sample_rate_hz, OF_WORDS, weight=shape.weight))
    row.stream, row.t_ms = stream, shape.t_ms
    return row


def _drop_surplus(session: Session, wearer_id: int) -> None:
    """Delete the least believed examples of words beyond MOST_EACH of a label, then beyond MAX_WORDS; of equal ones the
    oldest."""
    columns = (ExampleRow.id, ExampleRow.label, ExampleRow.weight)
    of_words = (ExampleRow.wearer_id == wearer_id, ExampleRow.source == OF_WORDS)
    rows = session.execute(select(*columns).where(*of_words)).all()
    surplus = surplus_of([(number, label, weight or 0.0) for number, label, weight in rows])
    if surplus:
        session.execute(delete(ExampleRow).where(ExampleRow.id.in_(surplus)))


def surplus_of(examples: Sequence[tuple[int, str, float]]) -> list[int]:
    """Return the numbers of examples (number, label, weight) that are too many."""
    surest = sorted(examples, key=lambda each: (-each[2], -each[0]))
    better: Counter[str] = Counter()  # of the same label
    ranks: list[int] = []
    for _, label, _ in surest:
        ranks.append(better[label])
        better[label] += 1
    order = np.argsort(ranks, kind="stable")
    kept = {surest[place][0] for place in order[:MAX_WORDS].tolist() if ranks[place] < MOST_EACH}
    return sorted(number for number, _, _ in surest if number not in kept)
