from __future__ import annotations

import pytest

from service.auth.trusted_proxies import LOOPBACK, TrustedProxies


@pytest.mark.parametrize(
    ("setting", "peer", "is_trusted"),
    [
        (LOOPBACK, "127.0.0.1", True),
        (LOOPBACK, "127.8.8.8", True),
        (LOOPBACK, "::1", True),
        (LOOPBACK, "::ffff:127.0.0.1", True),
        (LOOPBACK, "192.0.2.1", False),
        (LOOPBACK, "::ffff:192.0.2.1", False),
        ("", "127.0.0.1", False),
        ("10.1.0.0/16, 192.0.2.7", "10.1.255.1", True),
        ("10.1.0.0/16, 192.0.2.7", "192.0.2.7", True),
        ("10.1.0.0/16, 192.0.2.7", "192.0.2.8", False),
        ("10.1.0.0/16, 192.0.2.7", "127.0.0.1", False),
        ("2001:db8::/32", "2001:db8::7", True),
        ("2001:db8::/32", "10.1.0.1", False),
        (LOOPBACK, "", False),
        (LOOPBACK, "localhost", False),
        (LOOPBACK, "/run/proxy.sock", False),
    ],
)
def test_a_peer_is_trusted_by_its_address(setting: str, peer: str, is_trusted: bool) -> None:
    assert (peer in TrustedProxies.parse(setting)) is is_trusted


@pytest.mark.parametrize("setting", ["*", "proxy.example", "10.1.2.3/16", "10.1.0.0/33", "127.0.0.1:80", "all"])
def test_only_addresses_and_networks_are_taken(setting: str) -> None:
    with pytest.raises(ValueError, match=r"give addresses or networks"):
        TrustedProxies.parse(setting)
