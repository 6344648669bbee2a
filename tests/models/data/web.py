"""A repository host on this machine: archives as GitHub makes them, and a server for them."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def make_archive(path: Path, members: dict[str, str], comment: str = COMMIT) -> Path:
    """Make an archive as GitHub does: all below one folder, with the commit as the archive's comment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment.encode()
        for name, text in members.items():
            archive.writestr(f"Name-{COMMIT}/{name}", text)
    return path


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler] | Path) -> Iterator[str]:
    """Serve with a handler, or the files of a folder; yield the address."""
    handle = partial(Quiet, directory=str(handler)) if isinstance(handler, Path) else handler
    with ThreadingHTTPServer(("127.0.0.1", 0), handle) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
