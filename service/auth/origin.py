"""The names by which the service is known, and the web pages that may use it from a browser. Pure."""

from __future__ import annotations

import re
from typing import Final, Protocol

from service.auth.authority import Authority, Origin
from service.problems import ProblemError

PAGE_ORIGIN_HEADER: Final = "Scaleglove-Origin"
"""Header of the page's own requests with its origin, which browsers leave out of a GET to the same origin."""

_FORWARDED_HOST: Final = re.compile(r'host\s*=\s*"?([^";,\s]*)', re.IGNORECASE)
"""The host that a proxy was asked for, in `Forwarded` (RFC 7239)."""

_HOME_SUFFIXES: Final = (".local", ".lan", ".internal", ".home.arpa")
"""Names of a home network: multicast DNS (RFC 6762), routers' usual one, ICANN's for private use, and RFC 8375. None of
them is delegated in the public DNS, so nobody out there can own one and point it here."""

_MAX_ECHO: Final = 100
"""Characters of a header that an error repeats; a client may send one of any length."""

_PROBE_PATHS: Final = ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready")
"""Load balancers ask these over HTTP/1.0, without Host, which no browser does; the answer says nothing of anyone."""


class HeaderValues(Protocol):
    """The headers of a request."""

    def getlist(self, key: str) -> list[str]:
        """Return the values of all headers of this name."""


class Origins:
    """Check of every request, by `Host` and by `Origin`.

    Without tokens the service answers only where it is opened under a name that is its own: the owner of another name
    can point it to this machine once their page is open (DNS rebinding), and the browser then takes the service for a
    part of that page. Its own are IP addresses, localhost, the host that it listens on and the hosts of
    `allowed_origins`; if the settings say in words that anyone may do anything, also the names of a home network. With
    tokens any name will do: such a page has none.

    With or without tokens, a page may send requests from the address where the service is opened, and from
    `allowed_origins`.
    """

    def __init__(self, allowed_origins: str, listening_host: str, *, open_to_all: bool, home_names: bool) -> None:
        allowed = [Origin.parse(origin) for origin in split_origins(allowed_origins)]
        self._allowed = frozenset(origin for origin in allowed if origin is not None)
        listening = Authority.parse(listening_host)
        self._own_names = {"localhost"} | {
            origin.host for origin in self._allowed if origin.scheme in {"http", "https"}
        }
        if listening is not None:
            self._own_names.add(listening.host)
        self._open_to_all = open_to_all
        self._home_names = home_names

    def refuse_foreign_host(self, headers: HeaderValues, path: str) -> None:
        """Raise unless the request is sent to a name of the service.

        Raises:
            ProblemError: 403 `foreign_host`.
        """
        if not self._open_to_all:
            return
        asked = _asked_hosts(headers)
        if not asked and path not in _PROBE_PATHS:
            to_do = "let the proxy in front forward Host, or set SCALEGLOVE_TOKENS"
            detail = f"the request has no Host header, and the service requires no token: {to_do}"
            raise ProblemError(403, "foreign_host", detail)
        for text in asked:
            self._refuse_unless_own(text)

    def refuse_foreign_origin(self, headers: HeaderValues) -> None:
        """Raise if the request is sent by a page of another origin; programs, which send no origin, may do as they do.

        Raises:
            ProblemError: 403 `foreign_origin`.
        """
        origins = [text for name in ("origin", PAGE_ORIGIN_HEADER) for text in headers.getlist(name) if text]
        if not origins:
            return
        hosts = [host for host in map(Authority.parse, _asked_hosts(headers)) if host is not None]
        for text in origins:
            origin = Origin.parse(text)
            if origin is None or not (origin in self._allowed or any(origin.is_of(host) for host in hosts)):
                to_do = "add it to SCALEGLOVE_ALLOWED_ORIGINS, or let the proxy in front forward Host with its port"
                detail = f"the origin {text[:_MAX_ECHO]!r} is not allowed; {to_do}"
                raise ProblemError(403, "foreign_origin", detail)

    def _refuse_unless_own(self, text: str) -> None:
        host = Authority.parse(text)
        if host is not None and self._is_own(host):
            return
        shown = text[:_MAX_ECHO]
        to_do = "set SCALEGLOVE_TOKENS"
        if host is not None:
            to_do = f"add http://{shown} to SCALEGLOVE_ALLOWED_ORIGINS if it is yours, or {to_do}"
        detail = f"{shown!r} is not known as a name of this service, which requires no token: {to_do}"
        raise ProblemError(403, "foreign_host", detail)

    def _is_own(self, host: Authority) -> bool:
        name = host.host
        if name in self._own_names or name.endswith(".localhost") or host.is_address:
            return True
        return self._home_names and ("." not in name or name.endswith(_HOME_SUFFIXES))


def split_origins(text: str) -> frozenset[str]:
    """Return the origins in a setting, in lower case as browsers send them."""
    return frozenset(origin.strip().lower() for origin in text.split(",") if origin.strip())


def _asked_hosts(headers: HeaderValues) -> list[str]:
    """Return every host that the request names as the one that was asked for, by itself or before a proxy.

    That a proxy names another host only makes the check stricter for names; and a page of another origin cannot send
    these headers without the service's consent, so a proxy's may stand for `Host` where origins are compared.
    """
    forwarded = [part for value in headers.getlist("x-forwarded-host") for part in value.split(",")]
    forwarded += [match for value in headers.getlist("forwarded") for match in _FORWARDED_HOST.findall(value)]
    return [text for text in (part.strip() for part in [*headers.getlist("host"), *forwarded]) if text]
