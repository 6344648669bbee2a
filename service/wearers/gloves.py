"""Store of gloves and their profiles, version by version. Its methods block, as those of `store`, and raise a
ProblemError if they fail: 404 `unknown_glove`, 503 or 507 for a failure of the database."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.adaptation.glove_profile import GloveProfile
from scaleglove.usb_identity import canonical, serial_number_of
from service.problems import ProblemError
from service.wearers.database import Database
from service.wearers.glove_records import (
    GloveFinding,
    GloveInfo,
    GloveList,
    GloveProfileInfo,
    GloveProfileList,
    GloveSummary,
)
from service.wearers.limits import KEPT_PROFILES
from service.wearers.tables import GloveProfileRow, GloveRow, GloveUsbRow, as_time, glove_row


class GloveStore:
    """Gloves and their profiles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str) -> GloveInfo:
        """Add a glove.

        Raises:
            ProblemError: 409 `glove_exists`.
        """
        with self._database.writing() as session:
            glove = GloveRow(name=name, active=None, created_at=time.time())
            session.add(glove)
            try:
                session.flush()
            except IntegrityError:
                raise glove_exists(name) from None
            return describe_glove(session, glove)

    def read_all(self) -> GloveList:
        """Return all gloves, by name."""
        with self._database.reading() as session:
            rows = session.execute(
                select(GloveRow, GloveUsbRow.usb)
                .outerjoin(GloveUsbRow, GloveUsbRow.glove_id == GloveRow.id)
                .order_by(GloveRow.name)
            )
            return GloveList(
                gloves=[
                    GloveSummary(glove=row.name, active=row.active, usb=usb, created_at=as_time(row.created_at))
                    for row, usb in rows
                ]
            )

    def read(self, name: str) -> GloveInfo:
        """Return what is stored of a glove."""
        with self._database.reading() as session:
            return describe_glove(session, glove_row(session, name))

    def profiles(self, name: str) -> GloveProfileList:
        """Return the profiles of a glove, oldest first."""
        with self._database.reading() as session:
            return GloveProfileList(profiles=_infos_of(session, glove_row(session, name)))

    def name_of_usb(self, usb: str) -> str | None:
        """Return the name of the glove that a board on USB is tied to; None: of none."""
        with self._database.reading() as session:
            row = glove_of_usb(session, canonical(usb))
            return None if row is None else row.name

    def tie(self, name: str, usb: str, replace: bool = False) -> GloveInfo:
        """Tie a glove to its board on USB, instead of the one before; `replace`: also if it is another glove's.

        Raises:
            ProblemError: 422 `no_serial_number`, 409 `usb_taken` without `replace`.
        """
        usb = canonical(usb)
        if serial_number_of(usb) is None:
            detail = f"usb: {usb} has no serial number, so it says nothing about one glove; name the glove instead"
            raise ProblemError(422, "no_serial_number", detail, "usb")
        with self._database.writing() as session:
            glove = glove_row(session, name)
            other = glove_of_usb(session, usb)
            if other is not None and other.id != glove.id and not replace:
                raise usb_taken(usb, other.name)
            tie_glove(session, glove, usb)
            return describe_glove(session, glove)

    def untie(self, name: str) -> None:
        """Forget the board of a glove."""

        def erase(session: Session, _: int | None) -> bool:
            session.execute(delete(GloveUsbRow).where(GloveUsbRow.glove_id == glove_row(session, name).id))
            return True

        self._database.erase(erase)

    def delete(self, name: str) -> None:
        """Delete a glove with all profiles."""

        def erase(session: Session, _: int | None) -> bool:
            session.execute(delete(GloveRow).where(GloveRow.id == glove_row(session, name).id))
            return True

        self._database.erase(erase)

    def save(self, name: str, profile: GloveProfile, findings: Sequence[GloveFinding]) -> GloveProfileInfo:
        """Add a profile as the next version and activate it."""
        with self._database.writing() as session:
            glove = glove_row(session, name)
            own = GloveProfileRow.glove_id == glove.id
            newest = session.scalar(select(func.max(GloveProfileRow.version)).where(own)) or 0
            row = GloveProfileRow(
                glove_id=glove.id,
                version=newest + 1,
                profile=profile.as_dict(),
                findings=[finding.model_dump(mode="json") for finding in findings],
                created_at=time.time(),
            )
            session.add(row)
            glove.active = row.version
            session.flush()
            session.execute(delete(GloveProfileRow).where(own, GloveProfileRow.version <= row.version - KEPT_PROFILES))
            return _info_of(row, active=True)

    def activate(self, name: str, version: int) -> GloveProfileInfo:
        """Activate an earlier or a later version.

        Raises:
            ProblemError: 404 `unknown_profile`.
        """
        with self._database.writing() as session:
            glove = glove_row(session, name)
            row = _row_of(session, glove.id, version)
            if row is None:
                detail = f"{name} has no profile of version {version}; GET /v1/gloves/{name}/profiles lists them"
                raise ProblemError(404, "unknown_profile", detail, "version")
            glove.active = version
            return _info_of(row, active=True)

    def active(self, name: str) -> tuple[int, GloveProfile] | None:
        """Return the version of the active profile of a glove, and the profile; None if there is none."""
        with self._database.reading() as session:
            glove = glove_row(session, name)
            row = None if glove.active is None else _row_of(session, glove.id, glove.active)
            return None if row is None else (row.version, GloveProfile.from_dict(row.profile))


def glove_exists(name: str) -> ProblemError:
    """Return the problem 409 `glove_exists`."""
    detail = f"a glove {name!r} exists already; delete it first, or choose another name"
    return ProblemError(409, "glove_exists", detail, "glove")


def usb_taken(usb: str, glove: str) -> ProblemError:
    """Return the problem 409 `usb_taken`."""
    detail = f"usb: {usb} is tied to the glove {glove!r}; untie or delete that one, or replace it if they are the same"
    return ProblemError(409, "usb_taken", detail, "usb")


def glove_of_usb(session: Session, usb: str) -> GloveRow | None:
    """Return the row of the glove that a board on USB is tied to."""
    return session.scalar(
        select(GloveRow).join(GloveUsbRow, GloveUsbRow.glove_id == GloveRow.id).where(GloveUsbRow.usb == usb)
    )


def tie_glove(session: Session, glove: GloveRow, usb: str) -> None:
    """Tie a glove to a board and to no other, and the board to no other glove."""
    session.execute(delete(GloveUsbRow).where(or_(GloveUsbRow.glove_id == glove.id, GloveUsbRow.usb == usb)))
    session.add(GloveUsbRow(usb=usb, glove_id=glove.id))
    session.flush()


def usb_of(session: Session, glove: GloveRow) -> str | None:
    """Return the board that a glove is tied to."""
    return session.scalar(select(GloveUsbRow.usb).where(GloveUsbRow.glove_id == glove.id))


def describe_glove(session: Session, glove: GloveRow) -> GloveInfo:
    """Return what is stored of a glove."""
    return GloveInfo(
        glove=glove.name,
        active=glove.active,
        usb=usb_of(session, glove),
        created_at=as_time(glove.created_at),
        profiles=_infos_of(session, glove),
    )


def glove_profile_rows(session: Session, glove_id: int) -> list[GloveProfileRow]:
    """Return the rows of a glove's profiles, oldest first."""
    own = select(GloveProfileRow).where(GloveProfileRow.glove_id == glove_id)
    return list(session.scalars(own.order_by(GloveProfileRow.version)))


def _infos_of(session: Session, glove: GloveRow) -> list[GloveProfileInfo]:
    return [_info_of(row, row.version == glove.active) for row in glove_profile_rows(session, glove.id)]


def _row_of(session: Session, glove_id: int, version: int) -> GloveProfileRow | None:
    own = (GloveProfileRow.glove_id == glove_id, GloveProfileRow.version == version)
    return session.scalar(select(GloveProfileRow).where(*own))


def _info_of(row: GloveProfileRow, active: bool) -> GloveProfileInfo:
    return GloveProfileInfo(
        version=row.version,
        profile=row.profile,
        findings=[GloveFinding.model_validate(finding) for finding in row.findings],
        active=active,
        created_at=as_time(row.created_at),
    )
