"""The proxy on the way to a service, as the environment names it: `https_proxy`, `socks_proxy`, `no_proxy` and so on.

One rule for streams and requests. What never leaves this machine goes through no proxy, whatever `no_proxy` says, and a
proxy without a scheme is one of HTTP, as curl reads it.
"""

from __future__ import annotations

import urllib.request
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import Final, cast
from urllib.parse import urlsplit

_OF_STREAMS: Final = {"ws": ("ws", "socks", "https", "http"), "wss": ("wss", "socks", "https")}
"""Names before `_proxy`, the first that is set first: as RFC 6455 has it, SOCKS before HTTPS before HTTP."""

_SCHEMES: Final = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_DEFAULT_SCHEMES: Final = {"socks": "socks5h"}


class ProxyError(ValueError):
    """The environment names a proxy that cannot be used. The sentence never has its user or password."""


def proxy_for(address: str) -> str | None:
    """Return the URL of the proxy for an address of ws, wss, http or https; None: there is none.

    Raises:
        ProxyError: what the environment names is no proxy.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_this_machine(host) or urllib.request.proxy_bypass(host if parts.port is None else f"{host}:{parts.port}"):
        return None
    proxies = urllib.request.getproxies()
    for name in _OF_STREAMS.get(parts.scheme, (parts.scheme,)):
        if text := proxies.get(name, "").strip():
            return _checked(name, text)
    return None


def is_this_machine(host: str) -> bool:
    """Return whether a host, by its name or its address, is this machine for sure."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(plain.is_loopback or plain.is_unspecified)


def open_url(asked: urllib.request.Request | str, timeout_s: float) -> HTTPResponse:
    """Open an address of HTTP through the proxy for it, if there is one.

    Raises:
        ProxyError: what the environment names is no proxy.
        HTTPException, OSError, ValueError: as urllib.request.urlopen.
    """
    address = asked if isinstance(asked, str) else asked.full_url
    proxy = proxy_for(address)
    if proxy is not None and proxy.startswith("socks"):
        raise ProxyError(f"requests over HTTP cannot use a SOCKS proxy ({_shown(proxy)}); add the host to no_proxy")
    handler = urllib.request.ProxyHandler({} if proxy is None else {urlsplit(address).scheme: proxy})
    return cast(HTTPResponse, urllib.request.build_opener(handler).open(asked, timeout=timeout_s))


def _checked(name: str, text: str) -> str:
    proxy = text if "://" in text else f"{_DEFAULT_SCHEMES.get(name, 'http')}://{text}"
    if name == "socks" and proxy.startswith("http://"):  # as systems' settings give it
        proxy = f"socks5h://{proxy.removeprefix('http://')}"
    try:
        parts = urlsplit(proxy)
        is_proxy = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and proxy.split() == [proxy]
    except ValueError:  # of the port, or of brackets
        is_proxy = False
    if is_proxy and parts.path in {"", "/"} and not parts.query and not parts.fragment:
        if parts.username is not None and parts.password is None:  # not every library takes a user alone
            return proxy.replace("@", ":@", 1)
        return proxy
    example = "http://proxy.example:3128"
    raise ProxyError(f"{name}_proxy is {_shown(text)!r}, which is no proxy such as {example}; mend it, or set no_proxy")


def _shown(proxy: str) -> str:
    """Return a proxy as an error may repeat it: without user and password."""
    scheme, separator, rest = proxy.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"[:100]
