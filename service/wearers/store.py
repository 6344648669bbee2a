"""Wearers and their examples in the database. Every method is one transaction, blocks, and raises a ProblemError where
it cannot be done: 404 `unknown_wearer`, 503 or 507 where the database fails."""

from __future__ import annotations

import time
from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scaleglove.channels import CHANNELS
from service.problems import ProblemError
from service.wearers.database import Database
from service.wearers.profiles import infos_of
from service.wearers.records import Example, ExampleInfo, ExampleList, WearerInfo, WearerList, WearerSummary
from service.wearers.rows import as_time, row_of
from service.wearers.tables import ExampleRow, WearerRow

MAX_EXAMPLES: Final = 2000
"""Of one wearer: 80 of each letter. More makes her profile slower and no better."""


def check_room(name: str, kept: int) -> None:
    """Raises a ProblemError 409 `too_many_examples` where she has as many as she may."""
    if kept >= MAX_EXAMPLES:
        detail = f"{name} has {kept} examples, which is the limit; delete some of them first"
        raise ProblemError(409, "too_many_examples", detail)


class WearerStore:
    """Who wears a glove, and what each has shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str) -> WearerInfo:
        """Raises a ProblemError 409 `wearer_exists` where one is called so."""
        with self._database.writing() as session:
            wearer = WearerRow(name=name, created_at=time.time())
            session.add(wearer)
            try:
                session.flush()
            except IntegrityError:
                raise wearer_exists(name) from None
            return describe_wearer(session, wearer)

    def everybody(self) -> WearerList:
        with self._database.reading() as session:
            rows = session.scalars(select(WearerRow).order_by(WearerRow.name))
            return WearerList(
                wearers=[WearerSummary(wearer=row.name, created_at=as_time(row.created_at)) for row in rows]
            )

    def read(self, name: str) -> WearerInfo:
        with self._database.reading() as session:
            return describe_wearer(session, row_of(session, name))

    def delete(self, name: str) -> None:
        """The wearer, her examples and her profiles, for good."""
        with self._database.writing() as session:
            session.execute(delete(WearerRow).where(WearerRow.id == row_of(session, name).id))
        self._database.forget_deleted()

    def add_example(self, name: str, example: Example) -> ExampleInfo:
        """Raises a ProblemError 409 `too_many_examples` beyond MAX_EXAMPLES."""
        with self._database.writing() as session:
            wearer = row_of(session, name)
            kept = session.scalar(select(func.count()).where(ExampleRow.wearer_id == wearer.id)) or 0
            check_room(name, kept)
            row = new_row(wearer.id, example, time.time())
            session.add(row)
            session.flush()
            return _info_of(row)

    def examples(self, name: str) -> ExampleList:
        with self._database.reading() as session:
            return ExampleList(examples=[_info_of(row) for row in rows_of(session, row_of(session, name).id)])

    def windows(self, name: str) -> list[Example]:
        """Every example with its window, oldest first."""
        with self._database.reading() as session:
            return [example_of(row) for row in rows_of(session, row_of(session, name).id)]

    def delete_example(self, name: str, example: int) -> None:
        """Raises a ProblemError 404 `unknown_example` where she has none of this number."""
        with self._database.writing() as session:
            wearer = row_of(session, name)
            row = session.get(ExampleRow, example)
            if row is None or row.wearer_id != wearer.id:
                raise ProblemError(404, "unknown_example", f"{name} has no example {example}", "example")
            session.delete(row)
        self._database.forget_deleted()

    def delete_label(self, name: str, label: str) -> int:
        """All examples of a label; how many they were."""
        with self._database.writing() as session:
            mine = (ExampleRow.wearer_id == row_of(session, name).id, ExampleRow.label == label)
            deleted = session.scalar(select(func.count()).where(*mine)) or 0
            session.execute(delete(ExampleRow).where(*mine))
        self._database.forget_deleted()
        return deleted


def wearer_exists(name: str) -> ProblemError:
    return ProblemError(409, "wearer_exists", f"a wearer is called {name!r} already", "wearer")


def new_row(wearer_id: int, example: Example, created_at: float) -> ExampleRow:
    return ExampleRow(
        wearer_id=wearer_id,
        label=example.label,
        window=example.window.astype("<f4").tobytes(),
        sample_rate_hz=example.sample_rate_hz,
        quality=example.quality,
        source=example.source,
        created_at=created_at,
    )


def rows_of(session: Session, wearer_id: int) -> list[ExampleRow]:
    """A wearer's examples, oldest first."""
    return list(session.scalars(select(ExampleRow).where(ExampleRow.wearer_id == wearer_id).order_by(ExampleRow.id)))


def example_of(row: ExampleRow) -> Example:
    return Example(row.label, _window_of(row), row.sample_rate_hz, row.source, row.quality)


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
        created_at=as_time(row.created_at),
    )


def describe_wearer(session: Session, wearer: WearerRow) -> WearerInfo:
    """What there is of a wearer."""
    labels = session.scalars(select(ExampleRow.label).where(ExampleRow.wearer_id == wearer.id))
    profiles = infos_of(session, wearer.id)
    return WearerInfo(
        wearer=wearer.name,
        created_at=as_time(wearer.created_at),
        examples=dict(sorted(Counter(labels).items())),
        profiles=profiles,
        active={profile.model: profile.version for profile in profiles if profile.active},
    )
