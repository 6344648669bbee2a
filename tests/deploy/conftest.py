"""A service behind each of the proxies of `deploy/`."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deadlines import wait_until
from tests.deploy.proxies import PROXIES, ROOT_PATHS, make_certificate
from tests.live_service import live_service


@dataclass(frozen=True)
class Behind:
    """A service behind a proxy: the address that the proxy gives it, its own, and the certificate that signs for it."""

    url: str
    own_url: str
    certificate: Path

    def client(self) -> httpx.Client:
        """Return a client that trusts the certificate."""
        return httpx.Client(verify=ssl.create_default_context(cafile=self.certificate), base_url=f"{self.url}/")

    def wait_for_service(self) -> None:
        """Wait until the proxy has found the service, which HAProxy asks for each two seconds."""
        with self.client() as client:
            wait_until(lambda: client.get("health/ready").status_code == 200)


@pytest.fixture(scope="module", params=list(PROXIES))
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Yield a service without tokens behind each of the proxies."""
    folder = tmp_path_factory.mktemp(request.param)
    certificate = make_certificate(folder)
    settings = {"root_path": ROOT_PATHS[request.param], "database_url": f"sqlite:///{folder / 'state.db'}"}
    with live_service(**settings) as server, PROXIES[request.param](server.url, folder) as url:
        found = Behind(url, server.url, certificate)
        found.wait_for_service()
        yield found
