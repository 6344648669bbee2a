"""The authority of a URL, which `Host` and `Origin` name: a host and perhaps a port, in one spelling. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final, NamedTuple, Self

_AUTHORITY: Final = re.compile(
    r"(?:\[(?P<v6>[0-9a-f:.]+)(?:%[^\[\]\s]*)?\]|(?P<name>(?!\.)[^\s\[\]:/@?#\\,;\"'<>]+?)\.?)(?::(?P<port>[0-9]{0,5}))?"
)
"""Nothing but host and port: no user, no path, no list, no quotation marks; one dot after the name means the same."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Authority(NamedTuple):
    """A host in lower case, an IPv6 address without brackets and in its shortest form, and a port if it is named."""

    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the authority of the text, such as that of a `Host` header; None if it is none."""
        match = _AUTHORITY.fullmatch(text.strip().lower())
        if match is None:
            return None
        port = int(match["port"]) if match["port"] else None
        if match["v6"] is None:
            return cls(match["name"], port)
        try:
            return cls(str(ip_address(match["v6"])), port)
        except ValueError:
            return None

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address and not a name."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True

    def at(self, scheme: str) -> tuple[str, int | None]:
        """Return host and port, which by default is that of the scheme."""
        return self.host, _DEFAULT_PORTS.get(scheme) if self.port is None else self.port


class Origin(NamedTuple):
    """A scheme with an authority; the default port of the scheme equals none."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the origin of the text, such as https://gloves.example; None if it is none."""
        scheme, separator, rest = text.strip().lower().partition("://")
        authority = Authority.parse(rest)
        if not scheme or not separator or authority is None:
            return None
        return cls(scheme, *authority.at(scheme))

    def is_of(self, authority: Authority) -> bool:
        """Return whether a request to this authority is of this origin."""
        return (self.host, self.port) == authority.at(self.scheme)
