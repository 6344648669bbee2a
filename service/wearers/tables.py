"""What the database of wearers holds. Times are seconds since 1970; arrays are little-endian float32 bytes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.wearers.names import MAX_NAME
from service.wearers.records import Source

SCHEMA_VERSION: Final = 1
"""Of the tables below. A database of another version is refused: nothing is guessed about what it holds."""

_KEEPS_NUMBERS: Final = {"sqlite_autoincrement": True}
"""A number that was deleted is never given again."""

_WEARER: Final = "wearers.id"


class Table(DeclarativeBase):
    """All tables together."""


class SchemaRow(Table):
    """One row: which version of the tables this is."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class WearerRow(Table):
    __tablename__ = "wearers"
    __table_args__ = _KEEPS_NUMBERS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME), unique=True)
    created_at: Mapped[float]


class ExampleRow(Table):
    """A window float32[n, 8] in raw units, so that a later artefact can be calibrated from it too."""

    __tablename__ = "examples"
    __table_args__ = _KEEPS_NUMBERS

    id: Mapped[int] = mapped_column(primary_key=True)
    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(16))
    window: Mapped[bytes]
    sample_rate_hz: Mapped[float]
    quality: Mapped[float | None]
    source: Mapped[Source] = mapped_column(String(16))
    created_at: Mapped[float]


class ProfileRow(Table):
    """What was made of a wearer's examples for one artefact. `version` counts through all of her profiles."""

    __tablename__ = "profiles"
    __table_args__ = (UniqueConstraint("wearer_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), index=True)
    version: Mapped[int]
    model: Mapped[str] = mapped_column(String(256))
    model_version: Mapped[str] = mapped_column(String(64))
    artefact_sha256: Mapped[str] = mapped_column(String(64))
    embeddings: Mapped[bytes]
    labels: Mapped[list[str]] = mapped_column(JSON)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    decoder: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Settings of the letter decoder that suit this wearer; null: the usual ones."""
    created_at: Mapped[float]


class ActiveRow(Table):
    """Which of a wearer's profiles holds for a model."""

    __tablename__ = "active_profiles"

    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(String(256), primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"))


class CalibrationRow(Table):
    """A calibration that is running, in whichever worker; the primary key keeps a second one out."""

    __tablename__ = "calibrations"

    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), primary_key=True)
    ticket: Mapped[str] = mapped_column(String(32))
    since: Mapped[float]
