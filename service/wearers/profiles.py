"""Store of profiles and of running calibrations. Its methods block, as those of `store`."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.problems import ProblemError
from service.wearers.database import Database
from service.wearers.limits import KEPT_PROFILES, given_up
from service.wearers.own_signs import OwnSigns
from service.wearers.records import ProfileInfo, ProfileList
from service.wearers.tables import ActiveRow, CalibrationRow, ProfileRow, as_time, wearer_row

ABANDONED_S: Final = 30.0
"""A calibration takes at most a second: an older one ended with its worker, or on a full disk."""


class ProfileStore:
    """Profiles of all wearers, version by version."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_calibration(self, name: str) -> str:
        """Prevent other calibrations of a wearer until `end_calibration` with the returned ticket.

        Raises:
            ProblemError: 409 `calibrating`: another is running, in this or another worker.
        """
        ticket, now = secrets.token_hex(16), time.time()
        with self._database.writing() as session:
            wearer = wearer_row(session, name)
            own = CalibrationRow.wearer_id == wearer.id
            session.execute(delete(CalibrationRow).where(own, CalibrationRow.since < now - ABANDONED_S))
            session.add(CalibrationRow(wearer_id=wearer.id, ticket=ticket, since=now))
            try:
                session.flush()
            except IntegrityError:
                detail = f"a calibration of {name} is running; try again in a few seconds"
                raise ProblemError(409, "calibrating", detail, "wearer") from None
        return ticket

    def end_calibration(self, ticket: str) -> None:
        """Allow other calibrations again."""
        with self._database.writing() as session:
            session.execute(delete(CalibrationRow).where(CalibrationRow.ticket == ticket))

    def save(self, name: str, profile: ProfileRow, ticket: str) -> ProfileInfo:
        """Add a new profile as the next version, activate it and end its calibration. Without decoder options it gets
        those of the previous active profile.

        Raises:
            ProblemError: 409 `calibration_overtaken`: the ticket is no longer valid.
        """
        with self._database.writing() as session:
            wearer_id = wearer_row(session, name).id
            running = session.get(CalibrationRow, wearer_id)
            if running is None or running.ticket != ticket:
                detail = f"{name} was replaced or calibrated again meanwhile; nothing was saved, calibrate again"
                raise ProblemError(409, "calibration_overtaken", detail, "wearer")
            newest = session.scalar(select(func.max(ProfileRow.version)).where(ProfileRow.wearer_id == wearer_id))
            profile.wearer_id, profile.version, profile.created_at = wearer_id, (newest or 0) + 1, time.time()
            if profile.decoder is None and (previous := _active_row(session, wearer_id, profile.model)) is not None:
                profile.decoder = previous.decoder
            session.add(profile)
            session.flush()
            session.merge(ActiveRow(wearer_id=wearer_id, model=profile.model, profile_id=profile.id))
            session.delete(running)  # in the same transaction: what is saved is also ended
            session.flush()
            _forget_old(session, profile)
            return _info_of(profile, active=True)

    def read(self, name: str) -> ProfileList:
        """Return the profiles of a wearer, oldest first."""
        with self._database.reading() as session:
            return ProfileList(profiles=infos_of(session, wearer_row(session, name).id))

    def activate(self, name: str, version: int, check: Callable[[ProfileRow], None]) -> ProfileInfo:
        """Activate a version for its model unless `check` raises.

        Raises:
            ProblemError: 404 `unknown_profile`, or the one of `check`.
        """
        with self._database.writing() as session:
            wearer_id = wearer_row(session, name).id
            row = session.scalar(
                select(ProfileRow).where(ProfileRow.wearer_id == wearer_id, ProfileRow.version == version)
            )
            if row is None:
                detail = f"{name} has no profile of version {version}; GET /v1/wearers/{name}/profiles lists them"
                raise ProblemError(404, "unknown_profile", detail, "version")
            check(row)
            session.merge(ActiveRow(wearer_id=wearer_id, model=row.model, profile_id=row.id))
            return _info_of(row, active=True)

    def active(self, name: str, model: str) -> ProfileRow | None:
        """Return the active profile of a wearer for a model; None if there is none."""
        with self._database.reading() as session:
            return _active_row(session, wearer_row(session, name).id, model)


def infos_of(session: Session, wearer_id: int) -> list[ProfileInfo]:
    """Return the profiles of a wearer, oldest first."""
    active = set(session.scalars(select(ActiveRow.profile_id).where(ActiveRow.wearer_id == wearer_id)))
    return [_info_of(row, row.id in active) for row in profile_rows(session, wearer_id)]


def profile_rows(session: Session, wearer_id: int) -> list[ProfileRow]:
    """Return the rows of a wearer's profiles, oldest first."""
    own = select(ProfileRow).where(ProfileRow.wearer_id == wearer_id)
    return list(session.scalars(own.order_by(ProfileRow.version)))


def _forget_old(session: Session, newest: ProfileRow) -> None:
    """Delete the profiles of a wearer beyond the limits: the oldest ones, those that are active last of all."""
    own = ProfileRow.wearer_id == newest.wearer_id
    active = select(ActiveRow.profile_id).where(ActiveRow.wearer_id == newest.wearer_id)
    old = (own, ProfileRow.version <= newest.version - KEPT_PROFILES)
    session.execute(delete(ProfileRow).where(*old, ProfileRow.id.not_in(active)))
    rows = session.execute(
        select(ProfileRow.id, func.length(ProfileRow.embeddings), ProfileRow.id.in_(active))
        .where(own, ProfileRow.id != newest.id)
        .order_by(ProfileRow.id.in_(active), ProfileRow.version)
    ).all()
    beyond = rows[: given_up([length for _, length, _ in rows], [len(newest.embeddings)])]
    session.execute(delete(ProfileRow).where(ProfileRow.id.in_([number for number, _, _ in beyond])))


def _active_row(session: Session, wearer_id: int, model: str) -> ProfileRow | None:
    active = session.get(ActiveRow, (wearer_id, model))
    return None if active is None else session.get(ProfileRow, active.profile_id)


def _info_of(row: ProfileRow, active: bool) -> ProfileInfo:
    own = OwnSigns.of(row.signs)
    return ProfileInfo(
        version=row.version,
        model=row.model,
        model_version=row.model_version,
        artefact_sha256=row.artefact_sha256,
        examples=dict(sorted(Counter(row.labels[: row.shown]).items())),
        words=len(row.labels) - row.shown,
        comparison=row.comparison,
        decoder=row.decoder,
        signs=list(own.labels),
        signs_from=own.signs_from,
        shared=list(own.shared),
        trained_as=row.trained_as,
        alone=own.alone,
        active=active,
        created_at=as_time(row.created_at),
    )
