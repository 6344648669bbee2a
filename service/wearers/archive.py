"""Export and import of a wearer as a file of all examples and profiles.

Arrays are little-endian float32 in base64.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Container, Sequence
from typing import Annotated, Any, Final, Self, TypeVar

import numpy as np
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    model_validator,
)
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.adaptation.front_end import FrontEnd
from scaleglove.channels import MAX_MAGNITUDE
from scaleglove.protocol import DecoderOptions, RateHz
from scaleglove.vocabulary import MAX_LABEL, MOST_LABELS
from service.wearers.database import Database
from service.wearers.exported_file import FileFormat, Part, PartList, Time, Version
from service.wearers.limits import (
    EXAMPLE_PART,
    FRAME_BYTES,
    MAX_EXAMPLES_BYTES,
    MAX_FRAMES,
    MAX_PROFILE_BYTES,
    MAX_PROFILES,
    MAX_PROFILES_BYTES,
    MAX_WORDS,
    MAX_WORDS_BYTES,
    MOST_EXAMPLES,
    PROFILE_PART,
    check_file,
    given_up,
)
from service.wearers.own_signs import OwnSigns
from service.wearers.profiles import profile_rows
from service.wearers.records import MAX_STREAM, Comparison, Label, Person, Source, WearerInfo, WearerName
from service.wearers.store import OF_WORDS, describe_wearer, example_rows, wearer_exists
from service.wearers.tables import ActiveRow, ExampleRow, ProfileRow, WearerRow, wearer_row

_FLOAT_BYTES: Final = 4


def _check_window(packed: bytes) -> bytes:
    if not packed or len(packed) % FRAME_BYTES or len(packed) > MAX_FRAMES * FRAME_BYTES:
        raise ValueError(f"{len(packed)} bytes are not a window of 1 to {MAX_FRAMES} frames of {FRAME_BYTES} bytes")
    readings = np.frombuffer(packed, "<f4")
    if not (np.isnan(readings) | (np.abs(readings) <= MAX_MAGNITUDE)).all():  # NaN: a sensor that the glove lacks
        raise ValueError(f"a reading is not within +-{MAX_MAGNITUDE:g}")
    return packed


def _check_numbers(packed: bytes) -> bytes:
    if len(packed) > MAX_PROFILE_BYTES:
        raise ValueError(f"{len(packed)} bytes of embeddings exceed the limit of {MAX_PROFILE_BYTES}")
    if not packed or len(packed) % _FLOAT_BYTES or not (np.abs(np.frombuffer(packed, "<f4")) <= MAX_MAGNITUDE).all():
        raise ValueError(f"the bytes are not float32 numbers within +-{MAX_MAGNITUDE:g}")
    return packed


def _check_front_end(stored: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if stored is None else FrontEnd.from_dict(stored).as_dict()


def _check_signs(stored: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if stored is None else OwnSigns.of(stored).model_dump()


def _check_comparison(comparison: Comparison) -> Comparison:
    if len(comparison.single) > MOST_LABELS + 1 or any(len(label) > MAX_LABEL for label in comparison.single):
        raise ValueError(f"single: more than {MOST_LABELS} labels and rest, or a label beyond {MAX_LABEL} characters")
    return comparison


def _from_base64(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not a base64 string")
    try:
        return b64decode(text, validate=True)
    except ValueError:  # of binascii, or of text that is not ASCII
        raise ValueError("not a base64 string") from None


def _to_base64(packed: bytes) -> str:
    return b64encode(packed).decode("ascii")


_Weight = Annotated[float, Field(gt=0, le=1)]

_Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]

_Packed = Annotated[bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64)]


class ExportedExample(Part):
    label: Label
    window: Annotated[_Packed, AfterValidator(_check_window)]
    sample_rate_hz: RateHz
    source: Source
    quality: Annotated[float, Field(ge=0, le=1)] | None
    stream: Annotated[str, Field(max_length=MAX_STREAM)] | None = None
    t_ms: Annotated[float, Field(allow_inf_nan=False)] | None = None
    weight: _Weight | None = None
    created_at: Time

    @model_validator(mode="after")
    def _check_weight(self) -> Self:
        if (self.source == OF_WORDS) != (self.weight is not None):
            raise ValueError("weight: examples of words have one, and no others do")
        return self


class ExportedProfile(Part):
    version: Version
    model: Annotated[str, Field(min_length=1, max_length=256)]
    model_version: Annotated[str, Field(min_length=1, max_length=64)]
    artefact_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    labels: Annotated[list[Label], Field(min_length=1, max_length=MOST_EXAMPLES)]
    embeddings: Annotated[_Packed, AfterValidator(_check_numbers)]
    comparison: Annotated[Comparison, AfterValidator(_check_comparison)]
    decoder: DecoderOptions | None
    front_end: Annotated[dict[str, Any] | None, AfterValidator(_check_front_end)] = None
    signs: Annotated[dict[str, Any] | None, AfterValidator(_check_signs)] = None
    yaws: list[_Degrees] | None = None
    trained_as: Person | None = None
    weights: Annotated[list[_Weight], Field(max_length=MAX_WORDS)] | None = None
    created_at: Time

    @model_validator(mode="after")
    def _check_embeddings(self) -> Self:
        if len(self.embeddings) % (_FLOAT_BYTES * len(self.labels)):
            raise ValueError(f"the number of embeddings does not match the {len(self.labels)} labels")
        shown = len(self.labels) - len(self.weights or ())
        if shown < 0:
            raise ValueError(f"weights: there are {len(self.weights or ())} for {len(self.labels)} labels")
        if self.yaws is not None and len(self.yaws) != shown:
            raise ValueError(f"yaws: there are {len(self.yaws)} for {shown} labels")
        return self


class ExportedWearer(Part):
    """Everything that is stored of a wearer."""

    wearer: WearerName
    created_at: Time
    examples: Annotated[list[ExportedExample], Field(max_length=MOST_EXAMPLES)]
    profiles: Annotated[list[ExportedProfile], Field(max_length=MAX_PROFILES)]
    active: dict[str, int]

    @model_validator(mode="after")
    def _check_versions(self) -> Self:
        models = {profile.version: profile.model for profile in self.profiles}
        if len(models) != len(self.profiles):
            raise ValueError("two profiles have the same version")
        for model, version in self.active.items():
            if models.get(version) != model:
                raise ValueError(f"active: there is no profile {version} for {model[:64]!r}")
        return self

    @model_validator(mode="after")
    def _check_sizes(self) -> Self:
        if sum(len(example.window) for example in self.examples) > MAX_EXAMPLES_BYTES + MAX_WORDS_BYTES:
            limit = MAX_EXAMPLES_BYTES + MAX_WORDS_BYTES
            raise ValueError(f"examples: their windows exceed the limit of {limit} bytes")
        if sum(len(profile.embeddings) for profile in self.profiles) > MAX_PROFILES_BYTES:
            raise ValueError(f"profiles: their embeddings exceed the limit of {MAX_PROFILES_BYTES} bytes")
        return self


FILE: Final = FileFormat(
    "scaleglove.wearer",
    1,
    "a wearer",
    ExportedWearer,
    {
        "examples": PartList(ExportedExample, MOST_EXAMPLES, EXAMPLE_PART),
        "profiles": PartList(ExportedProfile, MAX_PROFILES, PROFILE_PART),
    },
)

_File = TypeVar("_File", bound=Part)


def _to_file(model: type[_File], row: ExampleRow | ProfileRow) -> _File:
    """Convert a row to its form in a file, whose fields have the names of the columns."""
    return model.model_construct(**{name: getattr(row, name) for name in model.model_fields})


def _to_fields(part: Part) -> dict[str, Any]:
    """Return the columns of a part of a file."""
    return {name: getattr(part, name) for name in type(part).model_fields}


class WearerArchive:
    """Exports and imports wearers. Its methods block, as those of `store`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_wearer(self, name: str) -> ExportedWearer:
        """Return everything that is stored of a wearer, for `FILE.pack`. Of profiles beyond the limits, which an older
        service kept, those that the next calibration would delete are left out.

        Raises:
            ProblemError: 404 `unknown_wearer`, 409 `too_many_examples` beyond what can be imported, 503 or 507.
        """
        with self._database.reading() as session:
            wearer = wearer_row(session, name)
            active = list(session.scalars(select(ActiveRow).where(ActiveRow.wearer_id == wearer.id)))
            profiles = _kept(profile_rows(session, wearer.id), {row.profile_id for row in active})
            examples = example_rows(session, wearer.id)
            check_file(name, [len(row.window) for row in examples], [len(row.embeddings) for row in profiles])
            versions = {profile.id: profile.version for profile in profiles}
            return ExportedWearer.model_construct(
                wearer=wearer.name,
                created_at=wearer.created_at,
                examples=[_to_file(ExportedExample, row) for row in examples],
                profiles=[_to_file(ExportedProfile, row) for row in profiles],
                active={row.model: versions[row.profile_id] for row in active},
            )

    def import_wearer(self, wearer: ExportedWearer, replace: bool) -> WearerInfo:
        """Add the wearer of a file, or replace the one of the same name, in one transaction.

        Raises:
            ProblemError: 409 `wearer_exists` without `replace`, 503 or 507.
        """
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
            self._database.purge_deleted()
        return info


def _kept(profiles: Sequence[ProfileRow], active: Container[int]) -> list[ProfileRow]:
    """Return the profiles within the limits, oldest first: all that are active, and the newest others."""
    others = [row for row in profiles if row.id not in active]
    large = [row for row in others if len(row.embeddings) > MAX_PROFILE_BYTES]
    usual = [row for row in others if len(row.embeddings) <= MAX_PROFILE_BYTES]
    of_active = [len(row.embeddings) for row in profiles if row.id in active]
    beyond = usual[: given_up([len(row.embeddings) for row in usual], of_active)]
    left_out = {row.id for row in (*large, *beyond)}
    return [row for row in profiles if row.id not in left_out]


def _fill(session: Session, wearer_id: int, wearer: ExportedWearer) -> None:
    session.add_all(ExampleRow(wearer_id=wearer_id, **_to_fields(example)) for example in wearer.examples)
    profiles = [ProfileRow(wearer_id=wearer_id, **_to_fields(profile)) for profile in wearer.profiles]
    session.add_all(profiles)
    session.flush()
    ids = {profile.version: profile.id for profile in profiles}
    session.add_all(
        ActiveRow(wearer_id=wearer_id, model=model, profile_id=ids[version]) for model, version in wearer.active.items()
    )
    session.flush()
