"""Real proxies in front of a service: those of `deploy/`, on a port and in a folder of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.deadlines import wait_until
from tests.processes import started

PREFIX: Final = "/gloves"

_CERTIFICATE: Final = (
    *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
    *("-subj", "/CN=lab.example", "-addext", "subjectAltName=DNS:localhost,DNS:lab.example,IP:127.0.0.1"),
    *("-addext", "keyUsage=critical,digitalSignature,keyCertSign", "-keyout", "lab.key", "-out", "lab.crt"),
)


def system_program(name: str, package: str = "") -> str:
    """Return the path of a program, or skip the test that needs it, naming the package that brings it."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        pytest.skip(f"no {name}: install it (apt install {package or name})")
    return path


def make_certificate(folder: Path) -> Path:
    """Make a certificate that signs itself, with its key beside it; return its path."""
    subprocess.run([system_program("openssl"), *_CERTIFICATE], cwd=folder, capture_output=True, check=True)
    (folder / "lab.pem").write_text((folder / "lab.crt").read_text() + (folder / "lab.key").read_text())
    return folder / "lab.crt"


@contextmanager
def haproxy(service_url: str, folder: Path) -> Iterator[str]:
    """Run HAProxy with `deploy/haproxy/haproxy.cfg` and the certificate of `folder`; yield the service's address."""
    port = _free_port()
    variables = {
        "PUBLIC_ADDRESS": f"127.0.0.1:{port}",
        "CERTIFICATE": str(folder / "lab.pem"),
        "SERVICE_ADDRESS": urlsplit(service_url).netloc,
    }
    command = [system_program("haproxy"), "-db", "-f", str(ROOT / "deploy" / "haproxy" / "haproxy.cfg")]
    with _listening(command, port, folder, os.environ | variables):
        yield f"https://localhost:{port}{PREFIX}"


@contextmanager
def nginx(service_url: str, folder: Path) -> Iterator[str]:
    """Run nginx with `deploy/nginx/scaleglove.conf`, of which only addresses and files are changed."""
    port = _free_port()
    site = (ROOT / "deploy" / "nginx" / "scaleglove.conf").read_text()
    for written, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/nginx/lab.example.pem", str(folder / "lab.crt")),
        ("/etc/nginx/lab.example.key", str(folder / "lab.key")),
        ("127.0.0.1:8000", urlsplit(service_url).netloc),
    ):
        assert site.count(written) == 1, written
        site = site.replace(written, here)
    temporary = "".join(f"{kind}_temp_path temporary;" for kind in _NGINX_KINDS)
    user = "user root; " if os.geteuid() == 0 else ""  # its workers otherwise cannot write in the test's folder
    http = f"http {{ access_log off; {temporary} include {folder / 'site.conf'}; }}"
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(f"{user}pid nginx.pid; events {{}} {http}")
    options = ["-p", str(folder), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
    with _listening([system_program("nginx"), *options], port, folder, os.environ):
        yield f"https://localhost:{port}{PREFIX}"


_NGINX_KINDS: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

PROXIES: Final = {"haproxy": haproxy, "nginx": nginx}

ROOT_PATHS: Final = {"haproxy": "", "nginx": PREFIX}
"""What the service is set to behind each: HAProxy takes the prefix off and says so, nginx leaves it on."""


@contextmanager
def _listening(command: list[str], port: int, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    with (folder / "proxy.log").open("w") as log, started(command, stderr=log, stdout=log, env=environment) as process:

        def accepts() -> bool:
            assert process.poll() is None, (folder / "proxy.log").read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(accepts)
            yield
        finally:
            process.terminate()


def _free_port() -> int:
    """Return a port that nobody else is given for a minute: the end of a connection there still waits (TIME_WAIT), and
    that keeps no server from listening."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listening.accept()[0].close()
        return port
