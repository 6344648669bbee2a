"""On a full disk nothing can be added, and everything can be deleted: with a real file system that is full."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from models.adaptation.glove_profile import GloveProfile
from service.wearers.database import Database
from service.wearers.gloves import GloveStore
from service.wearers.profiles import ProfileStore
from service.wearers.records import Example
from service.wearers.store import WearerStore
from tests.service.wearers.test_database import profile, saved

DISK: Final = "24m"
EXAMPLES: Final = 400
USB: Final = "10c4:ea60:0F3A21"

FRAMES: Final = np.random.default_rng(0).uniform(0, 900, (60, 8)).astype(np.float32)


class Disk:
    """A small file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> Database:
        return Database(f"sqlite:///{self.folder}/wearers.db")

    def fill(self) -> None:
        """Write until there is no space left, not even for a page."""
        with (self.folder / "others").open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                with suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass

    @property
    def free_bytes(self) -> int:
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a database with everything that can be deleted."""
    path = tmp_path_factory.mktemp("furnished") / "wearers.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        furnish(database)
    return path


@pytest.fixture
def disk(tmp_path: Path, furnished: Path) -> Iterator[Disk]:
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", tmp_path], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("mounting a small file system needs the rights of root")
    try:
        shutil.copy(furnished, tmp_path)
        yield Disk(tmp_path)
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)


def furnish(database: Database) -> None:
    """Add a wearer and a glove with everything that can be deleted."""
    wearers, profiles, gloves = WearerStore(database), ProfileStore(database), GloveStore(database)
    wearers.create("ada")
    for number in range(EXAMPLES):
        wearers.add_example("ada", Example("ㄴ" if number % 2 else "ㄱ", FRAMES, 50.0, "posted"))
    for fill in range(3):
        saved(profiles, "ada", profile(fill=fill + 1.0, rows=2000))
    gloves.create("blue")
    gloves.save("blue", GloveProfile(), [])
    gloves.tie("blue", USB)


def list_wearers(database: Database) -> None:
    assert [each.wearer for each in WearerStore(database).read_all().wearers] == ["ada"]


def delete_wearer(database: Database) -> None:
    WearerStore(database).delete("ada")
    assert WearerStore(database).read_all().wearers == []


def delete_example(database: Database) -> None:
    WearerStore(database).delete_example("ada", 1)
    assert len(WearerStore(database).examples("ada").examples) == EXAMPLES - 1


def delete_label(database: Database) -> None:
    assert WearerStore(database).delete_label("ada", "ㄱ") == EXAMPLES // 2
    assert set(WearerStore(database).read("ada").examples) == {"ㄴ"}


def delete_glove(database: Database) -> None:
    GloveStore(database).delete("blue")
    assert GloveStore(database).read_all().gloves == []


def untie(database: Database) -> None:
    GloveStore(database).untie("blue")
    assert GloveStore(database).read("blue").usb is None


@pytest.mark.parametrize("is_reopened", [False, True], ids=["running", "started on it"])
@pytest.mark.parametrize("delete", [delete_wearer, delete_example, delete_label, delete_glove, untie])
def test_everything_can_be_deleted(disk: Disk, delete: Callable[[Database], None], is_reopened: bool) -> None:
    with closing(disk.open()) as database:
        list_wearers(database)
        if is_reopened:
            database.close()
        disk.fill()
        assert disk.free_bytes == 0
        with closing(disk.open() if is_reopened else database) as used:
            delete(used)


def test_nothing_of_what_was_deleted_remains(disk: Disk) -> None:
    with closing(disk.open()) as database:
        list_wearers(database)
        disk.fill()
        delete_wearer(database)
        files = [path.read_bytes() for path in disk.folder.iterdir() if path.name != "others"]
        assert not any(FRAMES.tobytes() in file for file in files)


def test_space_is_reserved_again_after_a_deletion(disk: Disk) -> None:
    with closing(disk.open()) as database:
        list_wearers(database)
        disk.fill()
        reserve = disk.folder / "wearers.db.reserve"
        before = reserve.stat().st_size
        delete_label(database)
        assert reserve.stat().st_size >= before // 4
        delete_wearer(database)
