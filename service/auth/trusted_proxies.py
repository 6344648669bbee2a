"""The proxies whose word about the address that was asked for is believed. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Self

LOOPBACK: Final = "127.0.0.0/8,::1"
"""By default a proxy on the same machine is believed. Every program there may send what it likes, but only to itself:
what a proxy says changes the answer to its own request and nothing else."""


class TrustedProxies:
    """IP addresses and networks from which `X-Forwarded-*` is believed."""

    def __init__(self, networks: frozenset[IPv4Network | IPv6Network]) -> None:
        self._networks = networks

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the proxies of a setting: addresses and networks, separated by commas; nobody if it is empty.

        Raises:
            ValueError: one of them is neither an address nor a network.
        """
        return cls(frozenset(_network(part.strip()) for part in text.split(",") if part.strip()))

    def __contains__(self, host: str) -> bool:
        """Return whether the peer of a connection, by its address, is one of them."""
        try:
            address = ip_address(host)
        except ValueError:  # a peer without an IP address, as on a Unix socket
            return False
        return any(_plain(address) in network for network in self._networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"{error}; give addresses or networks, for example 10.1.0.0/16") from None


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address of a peer that a socket for both versions shows as `::ffff:192.0.2.1`."""
    return getattr(address, "ipv4_mapped", None) or address
