"""Allowed origins: which web pages may use the service from a browser. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from service.problems import ProblemError

_MAX_ECHO = 100
"""Characters of an origin that an error repeats; a client may send one of any length."""


class Origins:
    """Origin check: the page of this service, at the address where it was opened, and the origins of
    `allowed_origins`."""

    def __init__(self, allowed_origins: str, host: str) -> None:
        self._allowed = split_origins(allowed_origins)
        self._own_name = host.lower()

    def refuse_foreign(self, headers: Mapping[str, str], open_to_all: bool) -> None:
        """Raise if the request comes from a page of another origin; requests without an Origin header are accepted.

        Args:
            headers: of the request.
            open_to_all: the service requires no token.

        Raises:
            ProblemError: 403 `foreign_origin`.
        """
        origin = headers.get("origin", "").lower()
        if not origin or origin in self._allowed:
            return
        host = headers.get("host", "").lower()
        # DNS rebinding: the owner of a name can point it to this machine once their page is open. Such a page has no
        # token; but if the service requires none, a name counts as ours only if the settings say so.
        if origin.partition("://")[2] == host and (not open_to_all or self._is_own(host)):
            return
        detail = f"the origin {origin[:_MAX_ECHO]!r} is not allowed; add it to SCALEGLOVE_ALLOWED_ORIGINS"
        raise ProblemError(403, "foreign_origin", detail)

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in {"localhost", self._own_name} or bool(ip_address(name))
        except ValueError:
            return False


def split_origins(text: str) -> frozenset[str]:
    """Return the origins in a setting, in lower case as browsers send them."""
    return frozenset(origin.strip().lower() for origin in text.split(",") if origin.strip())
