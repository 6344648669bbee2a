"""The address under which clients know the service, where a proxy stands in front: scheme, host and path prefix.

It comes from the setting `root_path` and from what proxies say (`X-Forwarded-Proto`, `-Host`, `-Prefix`), whose word
is taken only from addresses that are trusted. Of a header with several values the last counts: the nearest proxy wrote
it, while those before it may be the client's. `X-Forwarded-For` is not read, as nothing here depends on a client's
address.

The check of hosts (`service/auth/origin.py`) runs on the headers as they arrived, and every host in them must be the
service's own, also from trusted proxies: a page whose name was rebound to this machine may write any header, and may
come over loopback. The check of origins finds the public host in place of `Host`, so it allows no page more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.auth.authority import Authority
from service.auth.trusted_proxies import TrustedProxies
from service.path_prefix import PrefixError, parse_prefix

_PUBLIC_HOST: Final = "scaleglove.public_host"
"""Key of the ASGI scope with the host that a trusted proxy says it was asked for."""

_MAX_HOST: Final = 261
"""Characters of a DNS name (253), a colon and a port, rounded up to an IPv6 address in brackets with one."""

_SECURE: Final = {"http": False, "ws": False, "https": True, "wss": True}


class PublicAddress(NamedTuple):
    """The address of the service: whether TLS protects it, host with port, and path prefix. Without a host (HTTP/1.0)
    that is empty."""

    is_secure: bool
    host: str
    prefix: str

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> PublicAddress:
        """Return the address that a request was sent to, within `ReadForwarded` and `NamePublicHost`."""
        host = Headers(raw=list(scope["headers"])).get("host", "")
        known = host if len(host) <= _MAX_HOST and Authority.parse(host) is not None else ""
        return cls(_SECURE.get(scope["scheme"], False), known, scope.get("root_path", ""))

    @property
    def url(self) -> str:
        """The address for HTTP, or relative to the host if that is not known."""
        if not self.host:
            return self.prefix or "/"
        return f"http{'s' * self.is_secure}://{self.host}{self.prefix}"


class ReadForwarded:
    """ASGI middleware, outside of all others, that puts scheme, prefix and path into the scope.

    Proxies take the prefix off or leave it on, and probes of the same network ask without it: `root_path` is taken off
    where it is there. Where a proxy names a prefix itself it has taken it off.
    """

    def __init__(self, app: ASGIApp, root_path: str, trusted: TrustedProxies) -> None:
        self._app = app
        self._root_path = root_path
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            self._complete(scope)
        await self._app(scope, receive, send)

    def _complete(self, scope: Scope) -> None:
        said = self._said(scope)
        if (is_secure := _SECURE.get(said.get("proto", "").lower())) is not None:
            scope["scheme"] = ("ws" if scope["type"] == "websocket" else "http") + "s" * is_secure
        host = said.get("host", "")
        if len(host) <= _MAX_HOST and Authority.parse(host) is not None:
            scope[_PUBLIC_HOST] = host
        prefix, path = self._split(scope["path"], said.get("prefix"))
        scope["root_path"], scope["path"] = prefix, prefix + path

    def _said(self, scope: Scope) -> dict[str, str]:
        """Return what a trusted proxy says, by the last word of its headers' names."""
        peer = scope.get("client")
        found = {
            name.decode("latin-1").removeprefix("x-forwarded-"): value.decode("latin-1").rpartition(",")[2].strip()
            for name, value in scope["headers"]
            if name.startswith(b"x-forwarded-")
        }
        return found if found and peer is not None and peer[0] in self._trusted else {}

    def _split(self, path: str, said: str | None) -> tuple[str, str]:
        """Return the prefix and the path below it."""
        if said is not None:
            try:
                return parse_prefix(said), path
            except PrefixError:  # a proxy that is trusted and misconfigured: paths stay as the settings say
                pass
        below = path.removeprefix(self._root_path)
        is_below = below != path and (not below or below.startswith("/"))
        return self._root_path, below if is_below else path


class NamePublicHost:
    """ASGI middleware within the check of hosts that makes the host which a trusted proxy was asked for that of the
    request: redirects and documents name it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if host := scope.get(_PUBLIC_HOST):
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [(b"host", host.encode("latin-1")), *others]
        await self._app(scope, receive, send)
