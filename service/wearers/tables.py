"""Tables of the database of wearers. Times are seconds since 1970; arrays are little-endian float32 bytes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from sqlalchemy import JSON, Dialect, ForeignKey, String, TypeDecorator, UniqueConstraint, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from models.runtime.prototypes import MAX_PERSON
from scaleglove.protocol import DecoderOptions
from scaleglove.usb_identity import MAX_USB
from scaleglove.vocabulary import MAX_LABEL
from service.inference.glove import unknown_glove
from service.inference.profile import unknown_wearer
from service.wearers.records import MAX_NAME, MAX_STREAM, Comparison, Source

SCHEMA_VERSION: Final = 5
"""Version of the tables below. A database of an earlier version is migrated, one of a later version refused."""

MIGRATIONS: Final = {
    1: ("ALTER TABLE profiles ADD COLUMN front_end JSON",),
    2: ("ALTER TABLE profiles ADD COLUMN signs JSON",),
    3: (
        "ALTER TABLE profiles ADD COLUMN yaws JSON",
        f"ALTER TABLE profiles ADD COLUMN trained_as VARCHAR({MAX_PERSON})",
    ),
    4: (
        f"ALTER TABLE examples ADD COLUMN stream VARCHAR({MAX_STREAM})",
        "ALTER TABLE examples ADD COLUMN t_ms FLOAT",
        "ALTER TABLE examples ADD COLUMN weight FLOAT",
        "ALTER TABLE profiles ADD COLUMN weights JSON",
    ),
}
"""The statements that make the next version of tables of a version."""

WIDENINGS: Final = {2: (f"ALTER TABLE examples ALTER COLUMN label TYPE VARCHAR({MAX_LABEL})",)}
"""More of them, which SQLite neither knows nor needs: it does not limit a text."""

_AUTOINCREMENT: Final = {"sqlite_autoincrement": True}
"""The number of a deleted row is never used again."""

_WEARER: Final = "wearers.id"


class _ComparisonJson(TypeDecorator[Comparison]):
    """Comparison as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Comparison | None, dialect: Dialect) -> Any:
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Comparison:
        return Comparison.model_validate(value)


class _DecoderJson(TypeDecorator[DecoderOptions]):
    """Options of the letter decoder as JSON; None is null."""

    impl = JSON
    cache_ok = True

    _adapter = TypeAdapter(DecoderOptions)

    def process_bind_param(self, value: DecoderOptions | None, dialect: Dialect) -> Any:
        return None if value is None else asdict(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> DecoderOptions | None:
        return None if value is None else self._adapter.validate_python(value)


class Table(DeclarativeBase):
    """Base class of the tables."""


class SchemaRow(Table):
    """Version of the tables, in a single row."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class WearerRow(Table):
    """A wearer."""

    __tablename__ = "wearers"
    __table_args__ = _AUTOINCREMENT

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME), unique=True)
    created_at: Mapped[float]


class ExampleRow(Table):
    """A labelled window float32[n, 8] in raw units, so that it can calibrate later artefacts too."""

    __tablename__ = "examples"
    __table_args__ = _AUTOINCREMENT

    id: Mapped[int] = mapped_column(primary_key=True)
    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(MAX_LABEL))
    window: Mapped[bytes]
    sample_rate_hz: Mapped[float]
    quality: Mapped[float | None]
    source: Mapped[Source] = mapped_column(String(16))
    created_at: Mapped[float]
    stream: Mapped[str | None] = mapped_column(String(MAX_STREAM))
    """Of an example of words: the stream that it was signed in; null: it was shown."""
    t_ms: Mapped[float | None]
    """Of an example of words: the device time at the end of its hold."""
    weight: Mapped[float | None]
    """Of an example of words: how much it is believed, above 0 and up to 1."""


class ProfileRow(Table):
    """A profile: an embedding and a label of each example, for one artefact. `version` counts all profiles of a
    wearer."""

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
    comparison: Mapped[Comparison] = mapped_column("report", _ComparisonJson)
    decoder: Mapped[DecoderOptions | None] = mapped_column(_DecoderJson)
    """Options of the letter decoder for this wearer; null: the defaults."""
    front_end: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The `models.adaptation.front_end.FrontEnd` of the wearer's glove; null: its readings are used as they are."""
    signs: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The `service.wearers.own_signs.OwnSigns` of the profile; null: none."""
    yaws: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    """Of the hand in each example, in degrees from one zero; null: they are of several zeros, or unknown."""
    trained_as: Mapped[str | None] = mapped_column(String(MAX_PERSON))
    """The person of the model's training whose examples are among them; null: nobody's."""
    weights: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    """Of the last examples, which are of words, how much each is believed; null: none is of words."""
    created_at: Mapped[float]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The embeddings as float32[n, m], one for each of the n labels."""
        return np.frombuffer(self.embeddings, "<f4").reshape(len(self.labels), -1).astype(np.float32)

    @property
    def shown(self) -> int:
        """How many of the examples, the first, were shown; the others are of words."""
        return len(self.labels) - len(self.weights or ())


class ActiveRow(Table):
    """Active profile of a wearer for a model."""

    __tablename__ = "active_profiles"

    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(String(256), primary_key=True)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"))


class CalibrationRow(Table):
    """A running calibration, in any worker; the primary key prevents a second one."""

    __tablename__ = "calibrations"

    wearer_id: Mapped[int] = mapped_column(ForeignKey(_WEARER, ondelete="CASCADE"), primary_key=True)
    ticket: Mapped[str] = mapped_column(String(32))
    since: Mapped[float]


class GloveRow(Table):
    """A glove; `active` is the version of the profile that it is used with."""

    __tablename__ = "gloves"
    __table_args__ = _AUTOINCREMENT

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME), unique=True)
    active: Mapped[int | None]
    created_at: Mapped[float]


class GloveUsbRow(Table):
    """The board on USB that a glove is known by, `scaleglove.usb_identity`: at most one of a glove, and the glove of
    nobody else. A table of its own, which is added to a database of an earlier service when it is opened."""

    __tablename__ = "glove_usb"

    usb: Mapped[str] = mapped_column(String(MAX_USB), primary_key=True)
    glove_id: Mapped[int] = mapped_column(ForeignKey("gloves.id", ondelete="CASCADE"), unique=True)


class GloveProfileRow(Table):
    """A profile of a glove, `models.adaptation.glove_profile.GloveProfile`, and the findings of the check that made
    it, `models.adaptation.glove_check.Finding`."""

    __tablename__ = "glove_profiles"
    __table_args__ = (UniqueConstraint("glove_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    glove_id: Mapped[int] = mapped_column(ForeignKey("gloves.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[float]


def wearer_row(session: Session, name: str) -> WearerRow:
    """Return the row of a wearer.

    Raises:
        ProblemError: 404 `unknown_wearer`.
    """
    row = session.scalar(select(WearerRow).where(WearerRow.name == name))
    if row is None:
        raise unknown_wearer(name)
    return row


def glove_row(session: Session, name: str) -> GloveRow:
    """Return the row of a glove.

    Raises:
        ProblemError: 404 `unknown_glove`.
    """
    row = session.scalar(select(GloveRow).where(GloveRow.name == name))
    if row is None:
        raise unknown_glove(name)
    return row


def as_time(seconds: float) -> datetime:
    """Convert seconds since 1970 to a time."""
    return datetime.fromtimestamp(seconds, UTC)
