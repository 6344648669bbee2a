"""The public recordings over real HTTP from this machine, and archives that are not what they should be."""

from __future__ import annotations

import zipfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from models.data import fetch
from models.data.fetch import (
    FetchError,
    Source,
    download,
    unpack,
)
from tests.models.data.web import (
    COMMIT,
    Quiet,
    make_archive,
    serving,
)

A = "unified/unified_HB/ㄱ/2/episode_20251001_140945_ㄱ_2.csv"
B = "datasets/unified/ㅣ/1/episode_20251022_170816_ㅣ_1.csv"


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def answering(status: int, headers: dict[str, str], body: bytes) -> type[BaseHTTPRequestHandler]:
    class Answer(Quiet):
        def do_GET(self) -> None:  # noqa: N802 - the standard library's name
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Answer


def test_episodes_find_their_collection_by_day_whatever_folder_they_lie_in(tmp_path: Path) -> None:
    other_days = {
        "unified/ㄱ/2/episode_20250917_172611_ㄱ_2.csv": "another glove",
        "unified/unified_HB/ㄱ/2/episode_20251002_140945_ㄱ_2.csv": "another day",
    }
    no_episodes = {
        "README.md": "",
        A.replace(".csv", ".h5"): "",
        "unified/ㄱ/2/episode_20251001_140945_ㄴ_2.csv": "another letter",
        "unified/ㄱ/2/episode_20251001_140945_ㄱ_3.csv": "another bend",
        "cleaned/ㄱ/2/episode_20251001_140945_ㄱ_2.csv": "not the raw data",
    }
    archive = make_archive(tmp_path / "a.zip", {A: "a", B: "b"} | other_days | no_episodes)
    unpacked = unpack(archive, tmp_path / "into")
    assert files(tmp_path / "into") == {
        "collection_a/ㄱ/2/episode_20251001_140945_ㄱ_2.csv": "a",
        "collection_b/ㅣ/1/episode_20251022_170816_ㅣ_1.csv": "b",
    }
    assert {str(path) for path in unpacked.episodes} == set(files(tmp_path / "into"))
    assert (unpacked.other_days, unpacked.commit) == (len(other_days), COMMIT)


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    name = Path(A).name
    members = {
        f"../../../unified/ㄱ/2/{name}": "evil",
        f"unified/../../../ㄱ/2/{name}": "evil",
        f"unified/ㄱ/2/../../../{name}": "evil",
        f"unified/ㄱ/2/..\\..\\{name}": "evil",
    }
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
        archive.writestr(f"/etc/unified/ㄱ/2/{name}", "evil")
    unpack(tmp_path / "a.zip", tmp_path / "deep" / "er" / "into")
    written = {path.relative_to(tmp_path / "deep" / "er" / "into") for path in (tmp_path / "deep").rglob("*.csv")}
    assert written <= {Path("collection_a", "ㄱ", "2", name)}
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "deep"}


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path / "a.zip", {A: "x" * (fetch.MAX_EPISODE_BYTES + 1)})
    with pytest.raises(FetchError, match="1,048,577 bytes are too many for an episode"):
        unpack(archive, tmp_path / "into")
    monkeypatch.setattr(fetch, "MAX_EPISODES", 1)
    with pytest.raises(FetchError, match="more than 1 episodes"):
        unpack(make_archive(tmp_path / "a.zip", {A: "a", B: "b"}), tmp_path / "into")


def test_a_damaged_archive_is_reported(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "a.zip", {A: "a" * 1000})
    whole = archive.read_bytes()
    for damaged in (b"<html>", whole[: len(whole) // 2], whole.replace(b"Name-0", b"Name-1", 1)):
        archive.write_bytes(damaged)
        with pytest.raises(FetchError, match="not a whole zip archive"):
            unpack(archive, tmp_path / "into")


def test_an_episode_that_cannot_be_unpacked_is_named(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "a.zip", {A: "".join(map(str, range(3000)))})
    with zipfile.ZipFile(archive) as opened:
        member = opened.infolist()[0]
    start = member.header_offset + 30 + len(member.filename.encode())
    damaged = bytearray(archive.read_bytes())
    damaged[start : start + 40] = b"\xff" * 40  # the head of the deflate stream
    archive.write_bytes(damaged)
    with pytest.raises(FetchError, match="cannot be unpacked"):
        unpack(archive, tmp_path / "into")


def test_a_download_arrives_whole_and_is_counted(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "served" / "o" / "n" / "zip" / "v1", {A: "a" * 200_000})
    pieces: list[tuple[int, int | None]] = []
    with serving(tmp_path / "served") as server:
        download(Source.parse("o/n@v1").url(server), tmp_path / "a.zip", lambda *piece: pieces.append(piece))
    assert (tmp_path / "a.zip").read_bytes() == archive.read_bytes()
    assert sum(count for count, _ in pieces) == archive.stat().st_size
    assert {total for _, total in pieces} == {archive.stat().st_size}


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (404, {}, b"", "answers 404"),
        (200, {"Content-Length": "100"}, b"short", "interrupted after 5 of 100 bytes"),
        (200, {}, b"x" * 2000, "sends more than 1,000 bytes"),
        (302, {"Location": "http://example.org/a.zip"}, b"", "only https"),
    ],
)
def test_a_failed_download_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    headers: dict[str, str],
    body: bytes,
    words: str,
) -> None:
    monkeypatch.setattr(fetch, "MAX_ARCHIVE_BYTES", 1000)
    with serving(answering(status, headers, body)) as server, pytest.raises(FetchError, match=words):
        download(server, tmp_path / "a.zip", lambda *_: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["http://example.org/a.zip", "file:///etc/passwd", "ftp://example.org/a.zip"])
def test_only_https_reaches_other_machines(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchError, match="only https"):
        download(url, tmp_path / "a.zip", lambda *_: None)


def test_nobody_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="cannot be fetched"):
        download("http://127.0.0.1:9/a.zip", tmp_path / "a.zip", lambda *_: None)


def test_sources() -> None:
    assert Source.parse("wodu2s/SignGlove-DataAnalysis") == Source("wodu2s/SignGlove-DataAnalysis", "HEAD")
    assert Source.parse("o/n@a/b").url("https://h/") == "https://h/o/n/zip/a/b"
    for wrong in ("name", "o/n/x", "o/n@", "o/n@a b", "https://h/o/n"):
        with pytest.raises(FetchError, match="is not OWNER/NAME"):
            Source.parse(wrong)
