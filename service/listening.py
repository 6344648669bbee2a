"""TCP socket of the service, which other machines may reach only if the settings say who has access."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address

from scaleglove.errors import ScaleGloveError
from service.auth.tokens import EVERYBODY_WORD
from service.settings import ENV_PREFIX, Settings, TokensError, access_is_decided


class ListenError(ScaleGloveError):
    """The service cannot listen on the address."""


def listen(settings: Settings) -> socket.socket:
    """Return a listening TCP socket.

    Raises:
        ListenError: the address is in use or not one of this machine.
        TokensError: no tokens are set and other machines could reach the service.
    """
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, reuse_port=False)
    except UnicodeError:
        raise ListenError(f"cannot listen on {host}: it is not a host name") from None
    except OSError as error:
        taken = f"; choose another with --port ({ENV_PREFIX}PORT), or 0 for a free one" if _is_taken(error) else ""
        raise ListenError(f"cannot listen on {host} port {port}: {error.strerror or error}{taken}") from None
    try:
        refuse_exposure(settings, listening.getsockname()[0])  # the bound address, whatever name was given
    except TokensError:
        listening.close()
        raise
    return listening


def _is_taken(error: OSError) -> bool:
    return error.errno == errno.EADDRINUSE


def url_of(listening: socket.socket) -> str:
    """Return the address of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def refuse_exposure(settings: Settings, address: str) -> None:
    """Raise if other machines could reach the service without a decision about access in the settings.

    Raises:
        TokensError: neither tokens nor tokens_file is set, and `address` is not a loopback address.
    """
    if not access_is_decided(settings) and not is_loopback(address):
        raise TokensError(
            f"other machines can reach {address}: set {ENV_PREFIX}TOKENS (docs/guide/access.md), or set it to "
            f"{EVERYBODY_WORD} to let anyone do anything"
        )


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach an IP address."""
    ip = ip_address(address)
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback
