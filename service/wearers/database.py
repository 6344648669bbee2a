"""Database of wearers and its transactions: SQLite by default, or any other that SQLAlchemy supports."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from scaleglove.errors import ScaleGloveError
from service.problems import ProblemError
from service.wearers.disk_reserve import DiskReserve
from service.wearers.tables import MIGRATIONS, SCHEMA_VERSION, WIDENINGS, SchemaRow, Table

BUSY_MS: Final = 5000
"""Timeout of a transaction that waits for another worker's; each takes milliseconds."""

PART_BYTES: Final = 1024 * 1024
"""Of what is deleted in one transaction on a full disk, a fraction of what is reserved for it."""

_FULL: Final = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "DiskFull", "DiskFullError"})

Erase = Callable[[Session, int | None], bool]

_WRITES: Final = "scaleglove_writes"
_MEMORY: Final = frozenset({None, "", ":memory:"})

_log = logging.getLogger(__name__)


class DatabaseError(ScaleGloveError):
    """The setting `database_url` cannot be used; the text never contains a password."""


class Database:
    """Database at `url`; if empty, the file of `default_path`. It is opened at its first use, so that a service without
    wearers needs none. Its methods block: call them from a thread.

    Raises:
        DatabaseError: the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database in _MEMORY:
            raise DatabaseError("database_url: SQLite needs a file, such as sqlite:////var/lib/scaleglove/wearers.db")
        self._file = None if not self.is_sqlite or "uri" in parsed.query else Path(parsed.database or "")
        self._reserve = None if self._file is None else DiskReserve(self._file)
        self._engine = _engine_of(parsed)
        self._opening = threading.Lock()
        self._is_open = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session with a consistent view.

        Raises:
            ProblemError: 503 or 507 with the fault of the database.
        """
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session with one transaction, which is committed at the end unless an exception is raised.

        Raises:
            ProblemError: 503 or 507 with the fault of the database; nothing was changed.
        """
        with self._session(writes=True) as session:
            yield session
            session.commit()

    def erase(self, step: Erase) -> None:
        """Delete data, also where the disk is full: then in parts, with the space that is reserved for this.

        Args:
            step: deletes in a session what is to be deleted, at most some bytes of it unless these are None, and
                returns whether nothing is left. It is called again, in another transaction, until it does.

        Raises:
            ProblemError: what `step` raises; 503 or 507 with the fault of the database. On a full disk a part may have
                been deleted.
        """
        try:
            with self.writing() as session:
                step(session, None)
        except ProblemError as problem:
            if not self._is_out_of_space(problem):
                raise
            self._erase_in_parts(step)
        try:
            self.purge_deleted()
        except ProblemError as problem:
            if not self._is_out_of_space(problem):
                raise
            with self._reserve_released():  # what others added is still in the log
                self.purge_deleted()

    def _is_out_of_space(self, problem: ProblemError) -> bool:
        return self.is_sqlite and problem.code == "storage_full"

    def _erase_in_parts(self, step: Erase) -> None:
        _log.warning("the disk of the wearers' database is full; deleting part by part")
        with self._reserve_released():
            is_done = False
            while not is_done:
                self.purge_deleted()  # the log, of which each part takes some, is empty again
                with self.writing() as session:
                    is_done = step(session, PART_BYTES)
            self.purge_deleted()  # before the space is taken again

    @contextmanager
    def _reserve_released(self) -> Iterator[None]:
        if self._reserve is None:
            yield
            return
        self._reserve.give_back()
        try:
            yield
        finally:
            self._reserve.take()

    def purge_deleted(self) -> None:
        """Remove deleted data from SQLite's write-ahead log.

        Raises:
            ProblemError: 503 or 507 with the fault of the database.
        """
        if self.is_sqlite:
            with _as_problem(), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
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
            try:
                self._prepare()
            except (DBAPIError, sqlite3.Error) as error:
                if self._reserve is None or _name_of(error) not in _FULL:
                    raise
                self._reserve.give_back()  # SQLite makes files beside the database, also to read it
                self._prepare()
            if self._reserve is not None:
                self._reserve.take()
            self._is_open = True

    def _prepare(self) -> None:
        with self._engine.execution_options(**{_WRITES: True}).begin() as connection:
            Table.metadata.create_all(connection)
            _check_version(connection)


def default_path() -> Path:
    """Return the default file in the user's state folder (XDG Base Directory Specification)."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "scaleglove" / "wearers.db"


def _parse(url: str) -> URL:
    try:
        return make_url(url) if url else URL.create("sqlite", database=str(default_path()))
    except ArgumentError:
        raise DatabaseError(
            "database_url is not the URL of a database, such as sqlite:////var/lib/scaleglove/wearers.db"
        ) from None


def _engine_of(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        detail = f"database_url: {url.drivername} is not available: {error}; install its driver"
        raise DatabaseError(detail) from None
    except (ArgumentError, TypeError) as error:
        raise DatabaseError(f"database_url: {url.drivername} does not have these options: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # `_begin_sqlite` begins transactions, not Python
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads before it writes would fail instead of waiting for another one.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_private(file: Path) -> None:
    """Make the file readable by its owner only: it has personal data."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        _log.error("the wearers' database cannot be opened: %s", error)
        raise _unavailable(
            f"its file cannot be created ({error.strerror}); check database_url and the permissions of its folder"
        ) from None


def _check_version(connection: Connection) -> None:
    versions = connection.scalars(select(SchemaRow.version)).all()
    if not versions:
        connection.execute(insert(SchemaRow).values(version=SCHEMA_VERSION))
        return
    for version in range(versions[0], SCHEMA_VERSION):
        widenings = () if connection.dialect.name == "sqlite" else WIDENINGS.get(version, ())
        for statement in (*MIGRATIONS[version], *widenings):
            connection.exec_driver_sql(statement)
    if versions[0] > SCHEMA_VERSION:
        detail = f"its tables have version {versions[0]}, this service supports {SCHEMA_VERSION}; update it"
        raise _unavailable(detail)
    if versions[0] != SCHEMA_VERSION:
        connection.execute(update(SchemaRow).values(version=SCHEMA_VERSION))


@contextmanager
def _as_problem() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # errors while connecting are not wrapped
        name = _name_of(error)
        _log.error(
            "the wearers' database failed: %s (%s)", error.orig if isinstance(error, DBAPIError) else error, name
        )
        raise _problem_of(name) from None
    except SQLAlchemyError as error:
        _log.error("the wearers' database failed: %s", error)
        raise _unavailable("the log of the service has the cause") from None


def _name_of(error: DBAPIError | sqlite3.Error) -> str:
    """Return SQLite's name of an error, or the class of another database's exception."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name: str = getattr(cause, "sqlite_errorname", type(cause).__name__)
    return name


def _problem_of(name: str) -> ProblemError:
    """Return the problem of an error, given as SQLite's name or as the class of another database's exception."""
    if name in _FULL:
        detail = "the disk of the wearers' database is full; nothing was changed: free some space and try again"
        return ProblemError(507, "storage_full", detail)
    if name.startswith("SQLITE_READONLY"):
        return _unavailable("it is read-only, nothing was changed; check the permissions of its file")
    if name.startswith("SQLITE_BUSY"):
        return _unavailable("another process is writing to it; try again in a moment")
    return _unavailable("nothing was changed; the log of the service has the cause")


def _unavailable(why: str) -> ProblemError:
    return ProblemError(503, "database_unavailable", f"the wearers' database cannot be used: {why}")
