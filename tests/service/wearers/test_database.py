"""Database of wearers: transactions, and failures that are reported and lose nothing."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from scaleglove.protocol import DecoderOptions
from service.problems import ProblemError
from service.wearers.database import Database, DatabaseError, default_path
from service.wearers.gloves import GloveStore
from service.wearers.limits import KEPT_PROFILES
from service.wearers.profiles import ProfileStore
from service.wearers.records import Comparison, Example
from service.wearers.store import WearerStore
from service.wearers.tables import ProfileRow

NOT_COMPARED = Comparison(held_back=0, single=[], before=None, after=None)
Make = Callable[..., Example]


def profile(fill: float = 0.0, rows: int = 3, decoder: DecoderOptions | None = None, model: str = "M") -> ProfileRow:
    return ProfileRow(
        model=model,
        model_version="1",
        artefact_sha256="0" * 64,
        embeddings=np.full((rows, 64), fill, "<f4").tobytes(),
        labels=["ㄱ"] * rows,
        comparison=NOT_COMPARED,
        decoder=decoder,
    )


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        call()
    assert caught.value.detail
    return caught.value.status, caught.value.code


def saved(profiles: ProfileStore, name: str, made: ProfileRow) -> int:
    ticket = profiles.begin_calibration(name)
    try:
        return profiles.save(name, made, ticket).version
    finally:
        profiles.end_calibration(ticket)


def test_windows_come_back_bit_by_bit(database: Database, example: Make) -> None:
    store = WearerStore(database)
    store.create("ada")
    shown = [example("ㄱ", 0), example("rest", 1)]
    for one in shown:
        store.add_example("ada", one)
    for kept, one in zip(store.windows("ada"), shown, strict=True):
        assert (kept.label, kept.sample_rate_hz, kept.source) == (one.label, one.sample_rate_hz, one.source)
        np.testing.assert_array_equal(kept.window, one.window)


def test_numbers_of_deleted_examples_do_not_come_again(database: Database, example: Make) -> None:
    store = WearerStore(database)
    store.create("ada")
    first = store.add_example("ada", example()).id
    store.delete_example("ada", first)
    assert store.add_example("ada", example()).id > first


def test_a_second_calibration_waits_for_nobody(database: Database) -> None:
    WearerStore(database).create("ada")
    profiles = ProfileStore(database)
    ticket = profiles.begin_calibration("ada")
    other = ProfileStore(Database(str(database._engine.url)))  # as another worker has it
    assert refusal(lambda: other.begin_calibration("ada")) == (409, "calibrating")
    profiles.end_calibration("of somebody else")
    assert refusal(lambda: other.begin_calibration("ada")) == (409, "calibrating")
    profiles.end_calibration(ticket)
    other.end_calibration(other.begin_calibration("ada"))
    other._database.close()


def test_what_is_kept_is_over(database: Database) -> None:
    """Saving a profile ends its calibration, even if nothing can be written afterwards."""
    WearerStore(database).create("ada")
    profiles = ProfileStore(database)
    profiles.save("ada", profile(), profiles.begin_calibration("ada"))
    profiles.begin_calibration("ada")


def test_old_versions_are_deleted_and_those_in_use_are_kept(database: Database) -> None:
    """The first version is of a model with a single calibration."""
    WearerStore(database).create("ada")
    profiles = ProfileStore(database)
    made = [profile(model="once"), *(profile() for _ in range(KEPT_PROFILES + 5))]
    for each in made:
        profiles.save("ada", each, profiles.begin_calibration("ada"))
    versions = [each.version for each in profiles.read("ada").profiles]
    assert versions == [1, *range(len(made) - KEPT_PROFILES + 1, len(made) + 1)]


def test_a_calibration_of_a_dead_worker_blocks_no_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    WearerStore(database).create("ada")
    profiles = ProfileStore(database)
    abandoned = profiles.begin_calibration("ada")
    monkeypatch.setattr("service.wearers.profiles.ABANDONED_S", -1.0)
    ticket = profiles.begin_calibration("ada")
    assert refusal(lambda: profiles.save("ada", profile(), abandoned)) == (409, "calibration_overtaken")
    assert profiles.save("ada", profile(), ticket).version == 1


def test_a_wearer_who_is_deleted_meanwhile_gets_no_profile(database: Database) -> None:
    store, profiles = WearerStore(database), ProfileStore(database)
    store.create("ada")
    ticket = profiles.begin_calibration("ada")
    store.delete("ada")
    assert refusal(lambda: profiles.save("ada", profile(), ticket)) == (404, "unknown_wearer")
    store.create("ada")  # another wearer of that name
    assert refusal(lambda: profiles.save("ada", profile(), ticket)) == (409, "calibration_overtaken")
    profiles.end_calibration(ticket)


def test_what_suits_a_wearer_is_kept_from_version_to_version(database: Database) -> None:
    WearerStore(database).create("ada")
    profiles = ProfileStore(database)
    slow = DecoderOptions(hold_s=0.5)
    for made in (profile(), profile(decoder=slow), profile()):
        saved(profiles, "ada", made)
    assert [one.decoder for one in profiles.read("ada").profiles] == [None, slow, slow]


def test_many_at_once(database: Database, example: Make) -> None:
    store = WearerStore(database)
    store.create("ada")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda take: store.add_example("ada", example("ㄱ", take)), range(40)))
    assert len(store.windows("ada")) == 40


def test_delete_deletes(tmp_path: Path, database: Database, example: Make) -> None:
    """No part of the window remains in the file or in SQLite's log."""
    store, profiles = WearerStore(database), ProfileStore(database)
    store.create("Aurora-Borealis")
    shown = example()
    store.add_example("Aurora-Borealis", shown)
    marked = profile(fill=1234.5)
    saved(profiles, "Aurora-Borealis", marked)
    traces = [b"Aurora-Borealis", shown.window.tobytes()[:32], marked.embeddings[:32]]
    assert all(any(trace in file.read_bytes() for file in tmp_path.iterdir()) for trace in traces)
    store.delete("Aurora-Borealis")
    assert not any(trace in file.read_bytes() for file in tmp_path.iterdir() for trace in traces)


def test_a_full_disk_keeps_what_is_there(database: Database, tmp_path: Path, example: Make) -> None:
    """SQLite cannot grow, as on a full disk."""
    store, profiles = WearerStore(database), ProfileStore(database)
    store.create("ada")
    store.add_example("ada", example())
    assert saved(profiles, "ada", profile()) == 1
    with database.reading() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar()
    database.close()  # the limit is of a connection: from now on every one has it

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    from sqlalchemy import event

    event.listen(database._engine, "connect", limit)
    big = profile(rows=2000)
    ticket = profiles.begin_calibration("ada")
    assert refusal(lambda: profiles.save("ada", big, ticket)) == (507, "storage_full")
    profiles.end_calibration(ticket)
    large = Example("ㄱ", np.zeros((2000, 8), np.float32), 50.0, "posted")
    assert refusal(lambda: store.add_example("ada", large)) == (507, "storage_full")
    result = store.read("ada")
    assert (result.examples, result.active) == ({"ㄱ": 1}, {"M": 1})
    active = profiles.active("ada", "M")
    assert active is not None
    assert (active.version, active.labels) == (1, ["ㄱ"] * 3)


def test_a_file_that_may_only_be_read(database: Database, tmp_path: Path, example: Make) -> None:
    WearerStore(database).create("ada")
    database.close()
    read_only = Database(f"sqlite:///file:{tmp_path}/wearers.db?mode=ro&uri=true")
    assert refusal(lambda: WearerStore(read_only).add_example("ada", example())) == (503, "database_unavailable")
    read_only.close()
    assert WearerStore(database).read("ada").examples == {}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = WearerStore(Database(f"sqlite:///{tmp_path}/file/wearers.db"))
    assert refusal(store.read_all) == (503, "database_unavailable")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "wearers.db").write_bytes(b"something else entirely " * 100)
    store = WearerStore(Database(f"sqlite:///{tmp_path}/wearers.db"))
    assert refusal(store.read_all) == (503, "database_unavailable")
    assert (tmp_path / "wearers.db").read_bytes().startswith(b"something else")


def test_tables_of_another_version(database: Database, tmp_path: Path) -> None:
    WearerStore(database).create("ada")
    database.close()
    with closing(sqlite3.connect(tmp_path / "wearers.db")) as connection:
        connection.execute("UPDATE schema_version SET version = 6")
        connection.commit()
    newer = Database(f"sqlite:///{tmp_path}/wearers.db")
    with pytest.raises(ProblemError, match="version 6, this service supports 5"):
        WearerStore(newer).read_all()
    newer.close()


def test_tables_of_an_earlier_version_are_migrated_with_what_they_hold(database: Database, tmp_path: Path) -> None:
    WearerStore(database).create("ada")
    database.close()
    with closing(sqlite3.connect(tmp_path / "wearers.db")) as connection:
        connection.execute("ALTER TABLE profiles DROP COLUMN front_end")
        connection.execute("ALTER TABLE profiles DROP COLUMN signs")
        connection.execute("ALTER TABLE profiles DROP COLUMN yaws")
        connection.execute("ALTER TABLE profiles DROP COLUMN trained_as")
        connection.execute("ALTER TABLE profiles DROP COLUMN weights")
        for column in ("stream", "t_ms", "weight"):
            connection.execute(f"ALTER TABLE examples DROP COLUMN {column}")
        connection.execute(
            "INSERT INTO profiles (wearer_id, version, model, model_version, artefact_sha256, embeddings, labels,"
            " report, decoder, created_at) VALUES (1, 1, 'm', '1', 'x', x'00000000', '[\"\u3131\"]',"
            ' \'{"held_back": 0, "single": [], "before": null, "after": null}\', NULL, 0)'
        )
        connection.execute("UPDATE schema_version SET version = 1")
        connection.commit()
    for _ in range(2):  # the second time they are of the present version
        migrated = Database(f"sqlite:///{tmp_path}/wearers.db")
        assert [profile.version for profile in ProfileStore(migrated).read("ada").profiles] == [1]
        with migrated.reading() as session:
            assert session.scalars(select(ProfileRow.front_end)).all() == [None]
        migrated.close()


def test_a_database_of_gloves_without_boards_goes_on(database: Database, tmp_path: Path) -> None:
    GloveStore(database).create("blue")
    database.close()
    with closing(sqlite3.connect(tmp_path / "wearers.db")) as connection:
        connection.execute("DROP TABLE glove_usb")  # as a service wrote it that knew no serial numbers
        connection.commit()
    reopened = GloveStore(Database(f"sqlite:///{tmp_path}/wearers.db"))
    assert [glove.usb for glove in reopened.read_all().gloves] == [None]
    assert reopened.tie("blue", "10c4:ea60:0001").usb == "10c4:ea60:0001"
    reopened._database.close()


def test_another_that_writes_for_long(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WearerStore(database).create("ada")
    database.close()
    monkeypatch.setattr("service.wearers.database.BUSY_MS", 50)
    with closing(sqlite3.connect(tmp_path / "wearers.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProblemError, match="another process is writing"):
            WearerStore(database).create("eve")
        assert WearerStore(database).read("ada").wearer == "ada"  # readers do not wait
        other.execute("ROLLBACK")
    WearerStore(database).create("eve")


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/state/wearers.db")
    WearerStore(database).create("ada")
    for path in (tmp_path / "state", *(tmp_path / "state").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    database.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("wearers.db", "not the URL of a database"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("oracle9+none://u:geheim@h/d", "is not available"),
        ("mysql+oursql9://u:geheim@h/d", "is not available"),
    ],
)
def test_invalid_addresses_are_refused(url: str, expected: str) -> None:
    with pytest.raises(DatabaseError, match=expected) as caught:
        Database(url)
    assert "geheim" not in str(caught.value)


def test_the_default_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere")
    assert default_path() == Path("/somewhere/scaleglove/wearers.db")
    monkeypatch.setenv("XDG_STATE_HOME", "")
    monkeypatch.setenv("HOME", "/home/ada")
    assert default_path() == Path("/home/ada/.local/state/scaleglove/wearers.db")
