"""Wearers out of the database as files, and in again. Blocks, as `store` does."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.wearers.database import Database
from service.wearers.profiles import decoder_of
from service.wearers.records import Comparison, WearerInfo
from service.wearers.rows import row_of
from service.wearers.store import describe_wearer, rows_of, wearer_exists
from service.wearers.tables import ActiveRow, ExampleRow, ProfileRow, WearerRow
from service.wearers.transfer import ExportedExample, ExportedProfile, ExportedWearer, pack, unpack


class Exchange:
    """Exports and imports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def export(self, name: str) -> bytes:
        """Everything that is kept of a wearer, as `transfer.pack` writes it."""
        with self._database.reading() as session:
            wearer = row_of(session, name)
            profiles = _profiles_of(session, wearer)
            versions = {profile.id: profile.version for profile in profiles}
            active = session.scalars(select(ActiveRow).where(ActiveRow.wearer_id == wearer.id))
            exported = ExportedWearer.model_construct(
                wearer=wearer.name,
                created_at=wearer.created_at,
                examples=[_export_example(row) for row in rows_of(session, wearer.id)],
                profiles=[_export_profile(row) for row in profiles],
                active={row.model: versions[row.profile_id] for row in active},
            )
        return pack(exported)

    def bring_in(self, file: bytes, replace: bool) -> WearerInfo:
        """Make a wearer of a file, or put it in the place of the one that is called so, in one transaction.

        Raises:
            ProblemError: 422 `bad_export`, 409 `wearer_exists` where she is not to be replaced, 503 or 507.
        """
        wearer = unpack(file)
        with self._database.writing() as session:
            if replace:
                session.execute(delete(WearerRow).where(WearerRow.name == wearer.wearer))
            row = WearerRow(name=wearer.wearer, created_at=wearer.created_at)
            session.add(row)
            try:
                session.flush()
            except IntegrityError:
                raise wearer_exists(wearer.wearer) from None
            _fill(session, row.id, wearer)
            info = describe_wearer(session, row)
        if replace:
            self._database.forget_deleted()
        return info


def _fill(session: Session, wearer_id: int, wearer: ExportedWearer) -> None:
    session.add_all(_import_example(wearer_id, example) for example in wearer.examples)
    profiles = [_import_profile(wearer_id, profile) for profile in wearer.profiles]
    session.add_all(profiles)
    session.flush()
    numbers = {profile.version: profile.id for profile in profiles}
    session.add_all(
        ActiveRow(wearer_id=wearer_id, model=model, profile_id=numbers[version])
        for model, version in wearer.active.items()
    )
    session.flush()


def _profiles_of(session: Session, wearer: WearerRow) -> list[ProfileRow]:
    chosen = select(ProfileRow).where(ProfileRow.wearer_id == wearer.id).order_by(ProfileRow.version)
    return list(session.scalars(chosen))


def _export_example(row: ExampleRow) -> ExportedExample:
    return ExportedExample.model_construct(
        label=row.label,
        window=row.window,
        sample_rate_hz=row.sample_rate_hz,
        source=row.source,
        quality=row.quality,
        created_at=row.created_at,
    )


def _import_example(wearer_id: int, example: ExportedExample) -> ExampleRow:
    return ExampleRow(
        wearer_id=wearer_id,
        label=example.label,
        window=example.window,
        sample_rate_hz=example.sample_rate_hz,
        source=example.source,
        quality=example.quality,
        created_at=example.created_at,
    )


def _export_profile(row: ProfileRow) -> ExportedProfile:
    return ExportedProfile.model_construct(
        version=row.version,
        model=row.model,
        model_version=row.model_version,
        artefact_sha256=row.artefact_sha256,
        labels=row.labels,
        embeddings=row.embeddings,
        comparison=Comparison.model_validate(row.report),
        decoder=decoder_of(row),
        created_at=row.created_at,
    )


def _import_profile(wearer_id: int, profile: ExportedProfile) -> ProfileRow:
    return ProfileRow(
        wearer_id=wearer_id,
        version=profile.version,
        model=profile.model,
        model_version=profile.model_version,
        artefact_sha256=profile.artefact_sha256,
        embeddings=profile.embeddings,
        labels=profile.labels,
        report=profile.comparison.model_dump(mode="json"),
        decoder=None if profile.decoder is None else asdict(profile.decoder),
        created_at=profile.created_at,
    )
