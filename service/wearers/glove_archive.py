"""Export and import of a glove as a file of all its profiles."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from scaleglove.protocol import UsbIdentity
from scaleglove.usb_identity import canonical, serial_number_of
from service.wearers.database import Database
from service.wearers.exported_file import FileFormat, Part, PartList, Time, Version
from service.wearers.glove_records import GloveFinding, GloveInfo, GloveName, ProfileJson
from service.wearers.gloves import (
    describe_glove,
    glove_exists,
    glove_of_usb,
    glove_profile_rows,
    tie_glove,
    usb_of,
    usb_taken,
)
from service.wearers.limits import GLOVE_PROFILE_PART, KEPT_PROFILES
from service.wearers.tables import GloveProfileRow, GloveRow, glove_row

_MAX_FINDINGS: Final = 16


class ExportedGloveProfile(Part):
    version: Version
    profile: ProfileJson
    findings: Annotated[list[GloveFinding], Field(max_length=_MAX_FINDINGS)]
    created_at: Time


class ExportedGlove(Part):
    """Everything that is stored of a glove."""

    glove: GloveName
    created_at: Time
    profiles: Annotated[list[ExportedGloveProfile], Field(max_length=KEPT_PROFILES + 1)]
    active: int | None
    usb: UsbIdentity | None = None

    @model_validator(mode="after")
    def _check_versions(self) -> Self:
        versions = [profile.version for profile in self.profiles]
        if len(set(versions)) != len(versions):
            raise ValueError("two profiles have the same version")
        if self.active is not None and self.active not in versions:
            raise ValueError(f"active: there is no profile {self.active}")
        if self.usb is not None and serial_number_of(self.usb) is None:
            raise ValueError("usb: the board has no serial number")
        return self


FILE: Final = FileFormat(
    "scaleglove.glove",
    1,
    "a glove",
    ExportedGlove,
    {"profiles": PartList(ExportedGloveProfile, KEPT_PROFILES + 1, GLOVE_PROFILE_PART)},
)


class GloveArchive:
    """Exports and imports gloves. Its methods block, as those of `gloves`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_glove(self, name: str) -> ExportedGlove:
        """Return everything that is stored of a glove, for `FILE.pack`.

        Raises:
            ProblemError: 404 `unknown_glove`, 503 or 507.
        """
        with self._database.reading() as session:
            glove = glove_row(session, name)
            profiles = [
                ExportedGloveProfile(
                    version=row.version,
                    profile=row.profile,
                    findings=[GloveFinding.model_validate(finding) for finding in row.findings],
                    created_at=row.created_at,
                )
                for row in glove_profile_rows(session, glove.id)
            ]
            return ExportedGlove(
                glove=glove.name,
                created_at=glove.created_at,
                profiles=profiles,
                active=glove.active,
                usb=usb_of(session, glove),
            )

    def import_glove(self, glove: ExportedGlove, replace: bool) -> GloveInfo:
        """Add the glove of a file, or replace the one of the same name, in one transaction.

        Raises:
            ProblemError: 409 `glove_exists` without `replace`, 409 `usb_taken` if its board is tied to a glove of
                another name, 503 or 507.
        """
        with self._database.writing() as session:
            if replace:
                session.execute(delete(GloveRow).where(GloveRow.name == glove.glove))
            row = GloveRow(name=glove.glove, active=glove.active, created_at=glove.created_at)
            session.add(row)
            try:
                session.flush()
            except IntegrityError:
                raise glove_exists(glove.glove) from None
            session.add_all(
                GloveProfileRow(glove_id=row.id, **profile.model_dump(mode="json")) for profile in glove.profiles
            )
            session.flush()
            if glove.usb is not None:
                if (other := glove_of_usb(session, canonical(glove.usb))) is not None:
                    raise usb_taken(glove.usb, other.name)
                tie_glove(session, row, canonical(glove.usb))
            info = describe_glove(session, row)
        if replace:
            self._database.purge_deleted()
        return info
