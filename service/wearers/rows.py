"""Finds a wearer's row, and reads what rows have in common."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.inference.profile import unknown_wearer
from service.wearers.tables import WearerRow


def row_of(session: Session, name: str) -> WearerRow:
    """The row of this wearer.

    Raises:
        ProblemError: 404 `unknown_wearer`.
    """
    row = session.scalar(select(WearerRow).where(WearerRow.name == name))
    if row is None:
        raise unknown_wearer(name)
    return row


def as_time(seconds: float) -> datetime:
    """Seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)
