"""The TCP socket that the service listens on."""

from __future__ import annotations

import socket

from scaleglove.errors import ScaleGloveError
from service.settings import Settings, TokensError, refuse_exposure


class ListenError(ScaleGloveError):
    """The address cannot be listened on."""


def listen(settings: Settings) -> socket.socket:
    """A listening TCP socket.

    Raises:
        ListenError: in words.
        TokensError: others than this machine would reach it, and nothing says whom to let in.
    """
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, reuse_port=False)
    except UnicodeError:
        raise ListenError(f"cannot listen on {host}: it is not a host name") from None
    except OSError as error:
        raise ListenError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    try:
        refuse_exposure(settings, listening.getsockname()[0])  # where it is bound, whatever name was given
    except TokensError:
        listening.close()
        raise
    return listening


def url_of(listening: socket.socket) -> str:
    """Where a listening socket is reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
