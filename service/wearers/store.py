"""Store of wearers and their examples. Each method is one transaction, blocks, and raises a ProblemError if it fails:
404 `unknown_wearer`, 503 or 507 for a failure of the database."""

from __future__ import annotations

import time
from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from scaleglove.channels import CHANNELS
from service.problems import ProblemError
from service.wearers.database import Database
from service.wearers.limits import check_space
from service.wearers.profiles import infos_of
from service.wearers.records import (
    Example,
    ExampleInfo,
    ExampleList,
    Source,
    WearerInfo,
    WearerList,
    WearerSummary,
)
from service.wearers.tables import ExampleRow, ProfileRow, WearerRow, as_time, wearer_row

OF_WORDS: Final[Source] = "words"
"""The source of examples that words have shown; all others were shown by the wearer."""


class WearerStore:
    """Wearers and their examples."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str) -> WearerInfo:
        """Add a wearer.

        Raises:
            ProblemError: 409 `wearer_exists`.
        """
        with self._database.writing() as session:
            wearer = WearerRow(name=name, created_at=time.time())
            session.add(wearer)
            try:
                session.flush()
            except IntegrityError:
                raise wearer_exists(name) from None
            return describe_wearer(session, wearer)

    def read_all(self) -> WearerList:
        """Return all wearers, by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(WearerRow).order_by(WearerRow.name))
            return WearerList(
                wearers=[WearerSummary(wearer=row.name, created_at=as_time(row.created_at)) for row in rows]
            )

    def read(self, name: str) -> WearerInfo:
        """Return what is stored of a wearer."""
        with self._database.reading() as session:
            return describe_wearer(session, wearer_row(session, name))

    def delete(self, name: str) -> None:
        """Delete a wearer with all examples and profiles."""

        def erase(session: Session, most_bytes: int | None) -> bool:
            wearer = wearer_row(session, name).id
            if most_bytes is not None and (
                _delete_some(session, ExampleRow, ExampleRow.window, ExampleRow.wearer_id == wearer, most_bytes)
                or _delete_some(session, ProfileRow, ProfileRow.embeddings, ProfileRow.wearer_id == wearer, most_bytes)
            ):
                return False
            session.execute(delete(WearerRow).where(WearerRow.id == wearer))
            return True

        self._database.erase(erase)

    def add_example(self, name: str, example: Example) -> ExampleInfo:
        """Add an example of a wearer.

        Raises:
            ProblemError: 409 `too_many_examples` beyond the limits of `limits`.
        """
        with self._database.writing() as session:
            wearer = wearer_row(session, name)
            row = new_row(wearer.id, example)
            size = func.coalesce(func.sum(func.length(ExampleRow.window)), 0)
            shown = (ExampleRow.wearer_id == wearer.id, ExampleRow.source != OF_WORDS)
            kept, kept_bytes = session.execute(select(func.count(), size).where(*shown)).one()
            check_space(name, kept, kept_bytes, len(row.window))
            session.add(row)
            session.flush()
            return _info_of(row)

    def examples(self, name: str) -> ExampleList:
        """Return the examples of a wearer without their windows, oldest first."""
        with self._database.reading() as session:
            return ExampleList(examples=[_info_of(row) for row in example_rows(session, wearer_row(session, name).id)])

    def windows(self, name: str) -> list[Example]:
        """Return the examples that a wearer has shown with their windows, oldest first."""
        return [each for each in self.all_windows(name) if each.source != OF_WORDS]

    def all_windows(self, name: str) -> list[Example]:
        """Return the same with those of words."""
        with self._database.reading() as session:
            return [_example_of(row) for row in example_rows(session, wearer_row(session, name).id)]

    def delete_example(self, name: str, example: int) -> None:
        """Delete an example by its number.

        Raises:
            ProblemError: 404 `unknown_example`.
        """

        def erase(session: Session, _: int | None) -> bool:
            wearer = wearer_row(session, name)
            row = session.get(ExampleRow, example)
            if row is None or row.wearer_id != wearer.id:
                detail = f"{name} has no example {example}; GET /v1/wearers/{name}/examples lists them"
                raise ProblemError(404, "unknown_example", detail, "example")
            session.delete(row)
            return True

        self._database.erase(erase)

    def delete_label(self, name: str, label: str) -> int:
        """Delete all examples of a label and return their number."""
        return self._delete_those(name, ExampleRow.label == label)

    def delete_words(self, name: str) -> int:
        """Delete all examples of words and return their number."""
        return self._delete_those(name, ExampleRow.source == OF_WORDS)

    def _delete_those(self, name: str, which: ColumnElement[bool]) -> int:
        """Delete the examples of a wearer for which `which` holds; return their number."""
        deleted = 0

        def erase(session: Session, most_bytes: int | None) -> bool:
            nonlocal deleted
            own = and_(ExampleRow.wearer_id == wearer_row(session, name).id, which)
            left = session.scalar(select(func.count()).select_from(ExampleRow).where(own)) or 0
            deleted = max(deleted, left)  # of the first call, also where its transaction fails
            if most_bytes is not None:
                return _delete_some(session, ExampleRow, ExampleRow.window, own, most_bytes) == left
            session.execute(delete(ExampleRow).where(own))
            return True

        self._database.erase(erase)
        return deleted


def _delete_some(
    session: Session,
    table: type[ExampleRow | ProfileRow],
    content: InstrumentedAttribute[bytes],
    own: ColumnElement[bool],
    most_bytes: int,
) -> int:
    """Delete the oldest rows of a table for which `own` holds, whose content takes `most_bytes` or of which there is
    one; return their number."""
    found: list[int] = []
    size = 0
    for number, length in session.execute(select(table.id, func.length(content)).where(own).order_by(table.id)):
        if found and size + length > most_bytes:
            break
        found.append(number)
        size += length
    session.execute(delete(table).where(table.id.in_(found)))
    return len(found)


def new_row(wearer_id: int, example: Example) -> ExampleRow:
    """Return the row of a new example."""
    return ExampleRow(
        wearer_id=wearer_id,
        label=example.label,
        window=example.window.astype("<f4").tobytes(),
        sample_rate_hz=example.sample_rate_hz,
        quality=example.quality,
        source=example.source,
        weight=example.weight,
        created_at=time.time(),
    )


def wearer_exists(name: str) -> ProblemError:
    """Return the problem 409 `wearer_exists`."""
    return ProblemError(
        409, "wearer_exists", f"a wearer {name!r} exists already; delete it first, or choose another name", "wearer"
    )


def example_rows(session: Session, wearer_id: int) -> list[ExampleRow]:
    """Return the rows of a wearer's examples, oldest first."""
    return list(session.scalars(select(ExampleRow).where(ExampleRow.wearer_id == wearer_id).order_by(ExampleRow.id)))


def describe_wearer(session: Session, wearer: WearerRow) -> WearerInfo:
    """Return what is stored of a wearer."""
    profiles = infos_of(session, wearer.id)
    return WearerInfo(
        wearer=wearer.name,
        created_at=as_time(wearer.created_at),
        examples=count_labels(session, ExampleRow.wearer_id == wearer.id, ExampleRow.source != OF_WORDS),
        words=count_labels(session, ExampleRow.wearer_id == wearer.id, ExampleRow.source == OF_WORDS),
        profiles=profiles,
        active={profile.model: profile.version for profile in profiles if profile.active},
    )


def count_labels(session: Session, *where: ColumnElement[bool]) -> dict[str, int]:
    """Return the number of some examples by label."""
    return dict(sorted(Counter(session.scalars(select(ExampleRow.label).where(*where))).items()))


def _example_of(row: ExampleRow) -> Example:
    window = _window_of(row)
    return Example(row.label, window, row.sample_rate_hz, row.source, row.quality, row.created_at, row.weight)


def _window_of(row: ExampleRow) -> NDArray[np.float32]:
    return np.frombuffer(row.window, "<f4").reshape(-1, len(CHANNELS)).astype(np.float32)


def _info_of(row: ExampleRow) -> ExampleInfo:
    return ExampleInfo(
        id=row.id,
        label=row.label,
        frames=len(_window_of(row)),
        sample_rate_hz=row.sample_rate_hz,
        source=row.source,
        quality=row.quality,
        weight=row.weight,
        created_at=as_time(row.created_at),
    )
