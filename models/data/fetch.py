"""Download of the public recordings: a repository's zip archive becomes `COLLECTION/LETTER/BEND/episode_*.csv`.

The collection of an episode is given by the day in its name, not by its folder. Episodes of other days are counted and
skipped: they were made with other gloves, or belong to other tests.
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
"""The archives have a few hundred megabytes at most."""

MAX_EPISODE_BYTES = 2**20
"""An episode has about 10 kB."""

MAX_EPISODES = 20_000
"""About 4,000 are public."""

_CHUNK_BYTES = 2**16
_SILENCE_S = 30.0

_EPISODE = re.compile(
    rf"(?:.*/)?unified/(?:.*/)?(?P<letter>[{''.join(LETTERS)}])/(?P<bend>[1-9])"
    r"/(?P<name>episode_(?P<day>\d{8})_\d{6}_(?P=letter)_(?P=bend)\.csv)",
    re.ASCII,
)


class FetchError(ScaleGloveError):
    """Raised for recordings that cannot be fetched; the text names the address or the file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A GitHub repository at a branch, tag or commit; `HEAD` is its newest state."""

    repository: str
    ref: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `OWNER/NAME` or `OWNER/NAME@REF`.

        Raises:
            FetchError: the text is neither.
        """
        found = re.fullmatch(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", text, re.ASCII)
        if not found:
            raise FetchError(f"{text} is not OWNER/NAME or OWNER/NAME@REF")
        return cls(found[1], found[2] or "HEAD")

    def url(self, server: str) -> str:
        """Return the address of the archive."""
        return f"{server.rstrip('/')}/{self.repository}/zip/{quote(self.ref)}"


@dataclass(slots=True)
class Unpacked:
    """Contents of an archive."""

    episodes: set[Path] = field(default_factory=set)
    """Written, as COLLECTION/LETTER/BEND/NAME."""
    other_days: int = 0
    """Episodes of days that belong to no collection, skipped."""
    commit: str = ""
    """Commit of the repository, if the archive names it, as GitHub's do."""


def download(url: str, path: Path, arrived: Callable[[int, int | None], None]) -> None:
    """Download `url` to `path`, whole or not at all; call `arrived` with the size of each piece, and the total if
    known.

    GitHub generates archives on request and supports no ranges, so an interrupted download starts again.

    Raises:
        FetchError: the address is not https (or on this machine), does not answer, or sends too much or too little.
    """
    _require_https(url)
    try:
        opener = urllib.request.build_opener(_Redirects)
        with opener.open(url, timeout=_SILENCE_S) as answer, atomic_write(path) as draft:
            length = answer.headers.get("Content-Length")
            total = int(length) if length and length.isdecimal() else None
            received = 0
            with draft.open("wb") as file:
                while piece := answer.read(_CHUNK_BYTES):
                    received += len(piece)
                    if received > MAX_ARCHIVE_BYTES:
                        raise FetchError(f"{url}: sends more than {MAX_ARCHIVE_BYTES:,} bytes")
                    file.write(piece)
                    arrived(len(piece), total)
            if total is not None and received < total:
                raise FetchError(f"{url}: interrupted after {received:,} of {total:,} bytes")
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(f"{url}: answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise FetchError(f"{url}: cannot be fetched: {getattr(error, 'reason', None) or error!r}") from None


def unpack(archive: Path, into: Path) -> Unpacked:
    """Write the archive's episodes below `into`; files of the same name are replaced.

    Raises:
        FetchError: the file is not a zip archive, is damaged, or an episode is too large.
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
    """Redirect handler that refuses the addresses that `download` refuses."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - urllib's own signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        try:
            _require_https(newurl)
            if urlsplit(req.full_url).scheme == "https" != urlsplit(newurl).scheme:
                raise FetchError(f"{req.full_url}: redirects to {newurl}, which is not https")
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
        raise FetchError(f"{member.filename}: {member.file_size:,} bytes are too many for an episode")
    if len(found.episodes) == MAX_EPISODES:
        raise FetchError(f"{opened.filename}: holds more than {MAX_EPISODES:,} episodes")
    # Every part of the path matches the pattern; other paths of the archive are ignored.
    path = Path(collection, match["letter"], match["bend"], match["name"])
    with atomic_write(into / path) as draft:
        draft.write_bytes(_read(opened, member))
    found.episodes.add(path)


def _read(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return opened.read(member)
    except (zlib.error, EOFError, RuntimeError, ValueError) as error:  # zipfile raises several types
        raise FetchError(f"{member.filename}: cannot be unpacked: {error}") from None


def _commit(comment: bytes) -> str:
    text = comment.decode("ascii", "replace")
    return text if re.fullmatch(r"[0-9a-f]{40}", text) else ""


def _require_https(url: str) -> None:
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in {"127.0.0.1", "localhost"}):
        raise FetchError(f"{url}: only https is used for other machines")
