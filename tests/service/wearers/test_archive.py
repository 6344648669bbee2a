"""Files of wearers: what is packed is unpacked unchanged, and every kind of damage is refused."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.content_digest import content_digest
from scaleglove.protocol import DecoderOptions
from scaleglove.vocabulary import REST, load_vocabulary
from service.problems import ProblemError
from service.wearers import limits
from service.wearers.archive import FILE, ExportedExample, ExportedProfile, ExportedWearer, WearerArchive
from service.wearers.database import Database
from service.wearers.records import Comparison
from service.wearers.store import WearerStore
from service.wearers.tables import ActiveRow, ExampleRow, ProfileRow, wearer_row
from tests.service.slices import run_slices

NOTHING_HELD_BACK = Comparison(held_back=0, single=["ㄱ"], before=None, after=None)
COMPARED = Comparison.model_validate(
    {"held_back": 2, "single": [], "before": {"accuracy": 0.5, "mean_confidence": 0.25}, "after": None}
)

_LABELS = (*load_vocabulary("korean").names, REST, "thumbs up")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/wearers.db")


def packed(values: list[float], width: int) -> bytes:
    return np.array(values, "<f4")[: len(values) // width * width].tobytes()


readings = st.floats(-1e6, 1e6, width=32)
windows = st.lists(readings, min_size=8, max_size=40).map(lambda values: packed(values, 8))
times = st.floats(0, 2e9)
examples = st.builds(
    ExportedExample.model_construct,
    label=st.sampled_from(_LABELS),
    window=windows,
    sample_rate_hz=st.floats(4, 1000),
    source=st.sampled_from(["posted", "stream"]),
    quality=st.none() | st.floats(0, 1),
    created_at=times,
)


@st.composite
def wearers(draw: st.DrawFn) -> ExportedWearer:
    models = draw(st.lists(st.sampled_from(["A", "B"]), max_size=3))
    profiles = [
        ExportedProfile.model_construct(
            version=version,
            model=model,
            model_version="1",
            artefact_sha256="0" * 64,
            labels=labels,
            embeddings=np.ones((len(labels), 3), "<f4").tobytes(),
            comparison=draw(st.sampled_from([NOTHING_HELD_BACK, COMPARED])),
            decoder=draw(st.none() | st.just(DecoderOptions(hold_s=0.3))),
            trained_as=draw(st.none() | st.just("collection_a")),
            created_at=draw(times),
        )
        for version, model in enumerate(models, 1)
        for labels in [draw(st.lists(st.sampled_from(_LABELS), min_size=1, max_size=4))]
    ]
    return ExportedWearer.model_construct(
        wearer="김하나",
        created_at=draw(times),
        examples=draw(st.lists(examples, max_size=3)),
        profiles=profiles,
        active={profile.model: profile.version for profile in profiles},
    )


@given(wearers())
def test_an_imported_wearer_equals_the_exported_one(wearer: ExportedWearer) -> None:
    assert run_slices(FILE.unpack(run_slices(FILE.pack(wearer)))) == wearer
    relaid = orjson.dumps(orjson.loads(run_slices(FILE.pack(wearer))), option=orjson.OPT_INDENT_2)
    assert run_slices(FILE.unpack(relaid)) == wearer


def whole() -> dict[str, Any]:
    window = base64.b64encode(np.ones((2, 8), "<f4").tobytes()).decode()
    profile = {
        "version": 1,
        "model": "A",
        "model_version": "1",
        "artefact_sha256": "0" * 64,
        "labels": ["ㄱ", "rest"],
        "embeddings": base64.b64encode(np.ones(6, "<f4").tobytes()).decode(),
        "comparison": NOTHING_HELD_BACK.model_dump(),
        "decoder": None,
        "created_at": 1.0,
    }
    example = {"label": "ㄱ", "window": window, "sample_rate_hz": 50, "source": "posted", "quality": None}
    return {
        "wearer": "ada",
        "created_at": 1.0,
        "examples": [example | {"created_at": 1.0}],
        "profiles": [profile],
        "active": {"A": 1},
    }


def document(content: dict[str, Any], /, **changes: Any) -> bytes:
    named = {"schema": "scaleglove.wearer", "version": 1, "sha256": content_digest(content), "content": content}
    return orjson.dumps(named | changes)


def refused(file: bytes) -> str | None:
    with pytest.raises(ProblemError) as caught:
        run_slices(FILE.unpack(file))
    assert (caught.value.status, caught.value.code) == (422, "bad_export")
    assert caught.value.detail
    return caught.value.field


def test_an_intact_archive_is_accepted() -> None:
    assert run_slices(FILE.unpack(document(whole()))).wearer == "ada"


@given(st.data())
def test_a_byte_that_changed_never_goes_unnoticed(data: st.DataObject) -> None:
    file = bytearray(document(whole()))
    index = data.draw(st.integers(0, len(file) - 1))
    file[index] = data.draw(st.integers(0, 255).filter(lambda byte: byte != file[index]))
    with suppress(ProblemError):  # or else 1.0 is written otherwise, and says the same
        assert run_slices(FILE.unpack(bytes(file))) == run_slices(FILE.unpack(document(whole())))


@given(st.integers(0, 700))
def test_a_file_cut_short(length: int) -> None:
    file = document(whole())
    refused(file[: min(length, len(file) - 1)])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema": "other"}, "schema"),
        ({"version": 2}, "version"),
        ({"sha256": "0" * 64}, "sha256"),
        ({"content": {}}, "sha256"),
        ({"more": 1}, "more"),
    ],
)
def test_another_document(changes: dict[str, Any], field: str) -> None:
    assert refused(document(whole(), **changes)) == field


def short(values: int) -> str:
    return base64.b64encode(np.ones(values, "<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("wearer",), "..", "content.wearer"),
        (("wearer",), None, "content.wearer"),
        (("more",), 1, "content.more"),
        (("active",), {"A": 2}, "content"),
        (("active",), {"B": 1}, "content"),
        (("examples", 0, "label"), "a/b", "content.examples.0.label"),
        (("examples", 0, "window"), short(7), "content.examples.0.window"),
        (("examples", 0, "window"), "", "content.examples.0.window"),
        (("examples", 0, "window"), "한", "content.examples.0.window"),
        (("examples", 0, "window"), 7, "content.examples.0.window"),
        (("examples", 0, "window"), base64.b64encode(b"\x00\x00\x80\x7f" * 8).decode(), "content.examples.0.window"),
        (("examples", 0, "sample_rate_hz"), 0, "content.examples.0.sample_rate_hz"),
        (("examples", 0, "source"), "thin air", "content.examples.0.source"),
        (("examples", 0, "quality"), 2, "content.examples.0.quality"),
        (("profiles", 0, "embeddings"), short(5), "content.profiles.0"),
        (("profiles", 0, "embeddings"), base64.b64encode(b"\xff" * 24).decode(), "content.profiles.0.embeddings"),
        (("profiles", 0, "labels"), [], "content.profiles.0.labels"),
        (("profiles", 0, "artefact_sha256"), "x", "content.profiles.0.artefact_sha256"),
        (("profiles", 0, "version"), 0, "content.profiles.0.version"),
        (("profiles", 0, "trained_as"), "a" * 256, "content.profiles.0.trained_as"),
        (("profiles", 0, "decoder"), {"hold_s": 9.0}, "content.profiles.0.decoder.hold_s"),
    ],
)
def test_content_that_nobody_exported(path: tuple[Any, ...], value: Any, field: str) -> None:
    """The digest is valid: the file was made on purpose."""
    content = whole()
    part: Any = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert refused(document(content)) == field


def test_two_profiles_of_one_version() -> None:
    content = whole()
    content["profiles"] *= 2
    assert refused(document(content)) == "content"


@pytest.mark.parametrize("file", [b"", b"[]", b"null", b"\xff", b"{", b"[" * 5000, b'{"version": 1e999}'])
def test_no_document_at_all(file: bytes) -> None:
    refused(file)


def stored(database: Database, windows: list[bytes], profiles: list[tuple[int, bool]]) -> WearerArchive:
    """Return the archive of a wearer as an older service may have left them; profiles: floats of each, and whether it
    is active."""
    WearerStore(database).create("ada")
    with database.writing() as session:
        ada = wearer_row(session, "ada").id
        example = {"label": "ㄱ", "sample_rate_hz": 50.0, "source": "posted", "created_at": 1.0}
        session.add_all(ExampleRow(wearer_id=ada, window=window, **example) for window in windows)
        for version, (size, is_active) in enumerate(profiles, 1):
            profile = whole()["profiles"][0] | {"version": version, "model": f"M{version}", "labels": ["ㄱ"]}
            profile |= {"embeddings": bytes(4 * size), "comparison": NOTHING_HELD_BACK}
            row = ProfileRow(wearer_id=ada, **profile)
            session.add(row)
            session.flush()
            if is_active:
                session.add(ActiveRow(wearer_id=ada, model=row.model, profile_id=row.id))
    return WearerArchive(database)


@pytest.mark.parametrize(
    ("profiles", "kept"),
    [
        ([(1, True), *[(1, False)] * 49], [1, *range(12, 51)]),
        ([(limits.MAX_PROFILE_BYTES // 4, index == 0) for index in range(5)], [1, 3, 4, 5]),
        ([(limits.MAX_PROFILE_BYTES // 4 + 1, False), (1, True)], [2]),
    ],
    ids=["too many", "too large together", "too large"],
)
def test_of_profiles_beyond_the_limits_a_file_has_those_in_use_and_the_newest(
    database: Database, profiles: list[tuple[int, bool]], kept: list[int]
) -> None:
    exported = stored(database, [], profiles).read_wearer("ada")
    assert [profile.version for profile in exported.profiles] == kept
    assert run_slices(FILE.unpack(run_slices(FILE.pack(exported)))) == exported


@pytest.mark.parametrize(
    ("windows", "profiles"),
    [
        ([bytes(32)] * (limits.MOST_EXAMPLES + 1), []),
        ([bytes(limits.MAX_FRAMES * 32)] * 150, []),
        ([], [(1, True)] * 41),
        ([], [(limits.MAX_PROFILE_BYTES // 4 + 1, True)]),
    ],
    ids=["examples", "windows", "profiles", "profile"],
)
def test_what_could_not_be_imported_is_not_exported(
    database: Database, windows: list[bytes], profiles: list[tuple[int, bool]]
) -> None:
    with pytest.raises(ProblemError, match="a file can have") as caught:
        stored(database, windows, profiles).read_wearer("ada")
    assert (caught.value.status, caught.value.code) == (409, "too_many_examples")
