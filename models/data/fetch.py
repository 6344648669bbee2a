"""Fetches the public recordings: a repository's zip archive becomes `COLLECTION/LETTER/BEND/episode_*.csv`.

Which collection an episode belongs to is told by the day in its name, not by the folder it lies in. Episodes of other
days are counted and left: they were made with other gloves, or belong to other tests.
"""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote, urlsplit

from scaleglove.atomic_file import atomic_write
from scaleglove.errors import ScaleGloveError
from scaleglove.letters import LETTERS

SOURCES = ("wodu2s/SignGlove-DataAnalysis", "KNDG01001/SignGlove_HW")

LICENCE = (
    "Recordings of the SignGlove project, copied unchanged. The README of wodu2s/SignGlove-DataAnalysis states the MIT "
    "licence (Copyright (c) 2025 SignGlove Data Analysis Team) and asks that the source be named."
)

COLLECTION_OF_DAY = {"20251001": "collection_a", "20251015": "collection_b", "20251022": "collection_b"}

MAX_ARCHIVE_BYTES = 2**30
"""The archives are a few hundred megabytes at most; a server that sends more sends something else."""

MAX_EPISODE_BYTES = 2**20
"""An episode is some 10 kB."""

MAX_EPISODES = 20_000
"""Some 4,000 are public."""

_CHUNK_BYTES = 2**16
_SILENCE_S = 30.0

_EPISODE = re.compile(
    rf"(?:.*/)?unified/(?:.*/)?(?P<letter>[{''.join(LETTERS)}])/(?P<bend>[1-9])"
    r"/(?P<name>episode_(?P<day>\d{8})_\d{6}_(?P=letter)_(?P=bend)\.csv)",
    re.ASCII,
)


class FetchError(ScaleGloveError):
    """Recordings that could not be fetched; the text names the address or the file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A GitHub repository at a branch, tag or commit; `HEAD` is its newest state."""

    repository: str
    ref: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `OWNER/NAME` or `OWNER/NAME@REF`.

        Raises:
            FetchError: it is neither.
        """
        found = re.fullmatch(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", text, re.ASCII)
        if not found:
            raise FetchError(f"{text} is not OWNER/NAME or OWNER/NAME@REF")
        return cls(found[1], found[2] or "HEAD")

    def url(self, server: str) -> str:
        return f"{server.rstrip('/')}/{self.repository}/zip/{quote(self.ref)}"


@dataclass(slots=True)
class Unpacked:
    """What an archive held."""

    episodes: set[Path] = field(default_factory=set)
    """Taken: COLLECTION/LETTER/BEND/NAME."""
    other_days: int = 0
    """Episodes of days that belong to no collection; left."""
    commit: str = ""
    """The repository's commit, where the archive says so, as GitHub's do."""


def download(url: str, path: Path, arrived: Callable[[int, int | None], None]) -> None:
    """Write what is at `url` to `path`, whole or not at all; `arrived` hears of each piece: its bytes, and the total
    where the server tells it.

    GitHub makes archives as they are asked for and sends none in parts, so a download that broke off starts again.

    Raises:
        FetchError: the address is not https (or this machine's own), does not answer, or sends too much or too little.
    """
    _refuse_open_way(url)
    try:
        opener = urllib.request.build_opener(_Redirects)
        with opener.open(url, timeout=_SILENCE_S) as answer, atomic_write(path) as draft:
            told = answer.headers.get("Content-Length")
            total = int(told) if told and told.isdecimal() else None
            received = 0
            with draft.open("wb") as file:
                while piece := answer.read(_CHUNK_BYTES):
                    received += len(piece)
                    if received > MAX_ARCHIVE_BYTES:
                        raise FetchError(f"{url}: sends more than {MAX_ARCHIVE_BYTES:,} bytes")
                    file.write(piece)
                    arrived(len(piece), total)
            if total is not None and received < total:
                raise FetchError(f"{url}: broke off after {received:,} of {total:,} bytes")
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(f"{url}: answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise FetchError(f"{url}: cannot be fetched: {getattr(error, 'reason', None) or error!r}") from None


def unpack(archive: Path, into: Path) -> Unpacked:
    """Write the archive's episodes below `into`; a file of the same name is replaced.

    Raises:
        FetchError: it is no zip archive, is damaged, or an episode is no size for one.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            found = Unpacked(commit=_commit(opened.comment))
            for member in opened.infolist():
                _unpack_member(opened, member, into, found)
            return found
    except zipfile.BadZipFile as error:
        raise FetchError(f"{archive}: not a whole zip archive: {error}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Sent on, but to no place that would be refused at first."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - urllib's own signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        try:
            _refuse_open_way(newurl)
            if urlsplit(req.full_url).scheme == "https" != urlsplit(newurl).scheme:
                raise FetchError(f"{req.full_url}: sends on to {newurl}, which is not https")
        except FetchError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _unpack_member(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path, found: Unpacked) -> None:
    match = _EPISODE.fullmatch(member.filename)
    if not match:
        return
    collection = COLLECTION_OF_DAY.get(match["day"])
    if collection is None:
        found.other_days += 1
        return
    if member.file_size > MAX_EPISODE_BYTES:
        raise FetchError(f"{member.filename}: {member.file_size:,} bytes are no episode")
    if len(found.episodes) == MAX_EPISODES:
        raise FetchError(f"{opened.filename}: holds more than {MAX_EPISODES:,} episodes")
    # Every part of the path is one that the pattern allows; what else the archive says of places is not heeded.
    path = Path(collection, match["letter"], match["bend"], match["name"])
    with atomic_write(into / path) as draft:
        draft.write_bytes(_read(opened, member))
    found.episodes.add(path)


def _read(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return opened.read(member)
    except (zlib.error, EOFError, RuntimeError, ValueError) as error:  # as many ways as zip has of being odd
        raise FetchError(f"{member.filename}: cannot be unpacked: {error}") from None


def _commit(comment: bytes) -> str:
    text = comment.decode("ascii", "replace")
    return text if re.fullmatch(r"[0-9a-f]{40}", text) else ""


def _refuse_open_way(url: str) -> None:
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in {"127.0.0.1", "localhost"}):
        raise FetchError(f"{url}: only https is used for other machines")
