"""Opens the database of wearers and keeps its transactions: SQLite by default, anything that SQLAlchemy knows."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from scaleglove.errors import ScaleGloveError
from service.problems import ProblemError
from service.wearers.tables import SCHEMA_VERSION, SchemaRow, Table

BUSY_MS: Final = 5000
"""How long a transaction waits for another worker's; each takes milliseconds."""

_WRITES: Final = "scaleglove_writes"
_MEMORY: Final = frozenset({None, "", ":memory:"})

_log = logging.getLogger(__name__)


class DatabaseError(ScaleGloveError):
    """The setting `database_url` cannot be used; the text never holds a password."""


class Database:
    """The database at `url`, an empty one being the file of `default_path`. Opened at its first use, so that a service
    whose wearers nobody asks for needs none. Its methods block: call them from a thread.

    Raises:
        DatabaseError: nothing could be opened with this URL.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database in _MEMORY:
            raise DatabaseError("database_url: SQLite needs a file, such as sqlite:////var/lib/scaleglove/wearers.db")
        self._file = None if not self.is_sqlite or "uri" in parsed.query else Path(parsed.database or "")
        self._engine = _engine_of(parsed)
        self._opening = threading.Lock()
        self._is_open = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view.

        Raises:
            ProblemError: 503 or 507, saying what is wrong with the database.
        """
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction, done whole or not at all.

        Raises:
            ProblemError: 503 or 507, saying what is wrong with the database; nothing was changed.
        """
        with self._session(writes=True) as session:
            yield session
            session.commit()

    def forget_deleted(self) -> None:
        """Let nothing of what was deleted stay in SQLite's log beside the file."""
        if self.is_sqlite:
            with _as_problem(), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _session(self, writes: bool) -> Iterator[Session]:
        with _as_problem():
            self._open()
            with Session(self._engine.execution_options(**{_WRITES: writes}), expire_on_commit=False) as session:
                yield session

    def _open(self) -> None:
        with self._opening:
            if self._is_open:
                return
            if self._file is not None:
                _make_private(self._file)
            with self._engine.execution_options(**{_WRITES: True}).begin() as connection:
                Table.metadata.create_all(connection)
                _check_version(connection)
            self._is_open = True


def default_path() -> Path:
    """Where a user's programs keep what they remember (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "scaleglove" / "wearers.db"


def _parse(url: str) -> URL:
    try:
        return make_url(url) if url else URL.create("sqlite", database=str(default_path()))
    except ArgumentError:
        raise DatabaseError(
            "database_url is not the address of a database, such as sqlite:////var/lib/scaleglove/wearers.db"
        ) from None


def _engine_of(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        detail = f"database_url: {url.drivername} cannot be used here: {error}; install its driver"
        raise DatabaseError(detail) from None
    except (ArgumentError, TypeError) as error:
        raise DatabaseError(f"database_url: {url.drivername} does not take these options: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # else Python begins transactions when it likes: `_begin_sqlite` does
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads and only then writes would not wait for another one: it would fail.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_private(file: Path) -> None:
    """How a hand moves is nobody else's business: what is made here only its owner may read."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        _log.error("the database of wearers cannot be opened: %s", error)
        raise _unavailable(f"its file cannot be made ({error.strerror})") from None


def _check_version(connection: Connection) -> None:
    versions = connection.scalars(select(SchemaRow.version)).all()
    if not versions:
        connection.execute(insert(SchemaRow).values(version=SCHEMA_VERSION))
    elif list(versions) != [SCHEMA_VERSION]:
        detail = f"its tables are of version {versions[0]}, this service knows {SCHEMA_VERSION}"
        raise _unavailable(detail)


@contextmanager
def _as_problem() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # what fails while connecting is not wrapped
        cause = error.orig if isinstance(error, DBAPIError) else error
        name = getattr(cause, "sqlite_errorname", type(cause).__name__)
        _log.error("the database of wearers failed: %s (%s)", cause, name)
        raise _problem_of(name) from None
    except SQLAlchemyError as error:
        _log.error("the database of wearers failed: %s", error)
        raise _unavailable("the service's log says why") from None


def _problem_of(name: str) -> ProblemError:
    """`name`: SQLite's name of an error, or the class of another database's."""
    if name in {"SQLITE_FULL", "DiskFull", "DiskFullError"}:
        detail = "the disk of the wearers' database is full; nothing was changed: free some space and ask again"
        return ProblemError(507, "storage_full", detail)
    if name.startswith("SQLITE_READONLY"):
        return _unavailable("it may not be written, so nothing was changed: check the permissions of its file")
    if name.startswith("SQLITE_BUSY"):
        return _unavailable("others are writing to it; ask again in a moment")
    return _unavailable("nothing was changed; the service's log says why")


def _unavailable(why: str) -> ProblemError:
    return ProblemError(503, "database_unavailable", f"the wearers' database cannot be used: {why}")
