"""Profiles in the database: which there are, which is active, and who is being calibrated just now. Blocks, as
`store` does."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scaleglove.protocol import DecoderOptions
from service.problems import ProblemError
from service.wearers.database import Database
from service.wearers.records import Comparison, NewProfile, ProfileInfo, ProfileList, StoredProfile
from service.wearers.rows import as_time, row_of
from service.wearers.tables import ActiveRow, CalibrationRow, ProfileRow

ABANDONED_S: Final = 30.0
"""A calibration takes a second at most: one that began so long ago ended with its worker, or on a full disk."""

KEPT: Final = 20
"""Versions of a wearer, the newest, beside those that hold: more would outgrow what an export may be."""

_DECODER: Final = TypeAdapter(DecoderOptions)


class ProfileStore:
    """What was made of wearers' examples, version by version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_calibration(self, name: str) -> str:
        """Keep others from calibrating this wearer until `end_calibration` gets the ticket that this gives.

        Raises:
            ProblemError: 409 `calibrating`: one is running, here or in another worker.
        """
        ticket, now = secrets.token_hex(16), time.time()
        with self._database.writing() as session:
            wearer = row_of(session, name)
            mine = CalibrationRow.wearer_id == wearer.id
            session.execute(delete(CalibrationRow).where(mine, CalibrationRow.since < now - ABANDONED_S))
            session.add(CalibrationRow(wearer_id=wearer.id, ticket=ticket, since=now))
            try:
                session.flush()
            except IntegrityError:
                detail = f"{name} is being calibrated just now; ask again when that is done, in seconds"
                raise ProblemError(409, "calibrating", detail, "wearer") from None
        return ticket

    def end_calibration(self, ticket: str) -> None:
        with self._database.writing() as session:
            session.execute(delete(CalibrationRow).where(CalibrationRow.ticket == ticket))

    def save(self, name: str, profile: NewProfile, ticket: str) -> ProfileInfo:
        """Keep a profile as the next version, and let it hold for its model.

        Raises:
            ProblemError: 409 `calibration_overtaken`: the ticket no longer holds.
        """
        with self._database.writing() as session:
            wearer_id = row_of(session, name).id
            running = session.get(CalibrationRow, wearer_id)
            if running is None or running.ticket != ticket:
                detail = f"{name} was replaced, or calibrated by another, while this calibration ran; nothing was kept"
                raise ProblemError(409, "calibration_overtaken", detail, "wearer")
            newest = session.scalar(select(func.max(ProfileRow.version)).where(ProfileRow.wearer_id == wearer_id))
            row = _new_row(wearer_id, profile, (newest or 0) + 1, time.time())
            if profile.decoder is None and (before := _active_row(session, wearer_id, profile.model)) is not None:
                row.decoder = before.decoder
            session.add(row)
            session.flush()
            session.merge(ActiveRow(wearer_id=wearer_id, model=row.model, profile_id=row.id))
            session.delete(running)  # in one go: what is kept is also over
            session.flush()
            held = select(ActiveRow.profile_id).where(ActiveRow.wearer_id == wearer_id)
            mine = (ProfileRow.wearer_id == wearer_id, ProfileRow.version <= row.version - KEPT)
            session.execute(delete(ProfileRow).where(*mine, ProfileRow.id.not_in(held)))
            return _info_of(row, active=True)

    def read(self, name: str) -> ProfileList:
        with self._database.reading() as session:
            return ProfileList(profiles=infos_of(session, row_of(session, name).id))

    def activate(self, name: str, version: int, check: Callable[[StoredProfile], None]) -> ProfileInfo:
        """Let a version hold for its model, unless `check` refuses it.

        Raises:
            ProblemError: 404 `unknown_profile`, and what `check` raises.
        """
        with self._database.writing() as session:
            wearer_id = row_of(session, name).id
            row = session.scalar(
                select(ProfileRow).where(ProfileRow.wearer_id == wearer_id, ProfileRow.version == version)
            )
            if row is None:
                detail = f"{name} has no profile of version {version}; GET /v1/wearers/{name}/profiles lists them"
                raise ProblemError(404, "unknown_profile", detail, "version")
            check(_stored_of(row))
            session.merge(ActiveRow(wearer_id=wearer_id, model=row.model, profile_id=row.id))
            return _info_of(row, active=True)

    def active(self, name: str, model: str) -> StoredProfile | None:
        """The profile that holds for a model; None where there is none."""
        with self._database.reading() as session:
            row = _active_row(session, row_of(session, name).id, model)
            return None if row is None else _stored_of(row)


def infos_of(session: Session, wearer_id: int) -> list[ProfileInfo]:
    """A wearer's profiles, oldest first."""
    active = set(session.scalars(select(ActiveRow.profile_id).where(ActiveRow.wearer_id == wearer_id)))
    rows = session.scalars(select(ProfileRow).where(ProfileRow.wearer_id == wearer_id).order_by(ProfileRow.version))
    return [_info_of(row, row.id in active) for row in rows]


def decoder_of(row: ProfileRow) -> DecoderOptions | None:
    return None if row.decoder is None else _DECODER.validate_python(row.decoder)


def _active_row(session: Session, wearer_id: int, model: str) -> ProfileRow | None:
    active = session.get(ActiveRow, (wearer_id, model))
    return None if active is None else session.get(ProfileRow, active.profile_id)


def _new_row(wearer_id: int, profile: NewProfile, version: int, created_at: float) -> ProfileRow:
    return ProfileRow(
        wearer_id=wearer_id,
        version=version,
        model=profile.model,
        model_version=profile.model_version,
        artefact_sha256=profile.artefact_sha256,
        embeddings=profile.embeddings.astype("<f4").tobytes(),
        labels=profile.labels,
        report=profile.comparison.model_dump(mode="json"),
        decoder=None if profile.decoder is None else asdict(profile.decoder),
        created_at=created_at,
    )


def _stored_of(row: ProfileRow) -> StoredProfile:
    embeddings = np.frombuffer(row.embeddings, "<f4").reshape(len(row.labels), -1).astype(np.float32)
    return StoredProfile(
        row.model,
        row.model_version,
        row.artefact_sha256,
        embeddings,
        row.labels,
        Comparison.model_validate(row.report),
        decoder_of(row),
        row.version,
        row.created_at,
    )


def _info_of(row: ProfileRow, active: bool) -> ProfileInfo:
    return ProfileInfo(
        version=row.version,
        model=row.model,
        model_version=row.model_version,
        artefact_sha256=row.artefact_sha256,
        examples=dict(sorted(Counter(row.labels).items())),
        comparison=Comparison.model_validate(row.report),
        decoder=decoder_of(row),
        active=active,
        created_at=as_time(row.created_at),
    )
