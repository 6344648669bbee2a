"""Which web pages are answered: one of another site could otherwise read the gloves of whoever visits it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from service.problems import ProblemError


class Origins:
    """The page served here, under the address it was opened at, and what `allowed_origins` names."""

    def __init__(self, allowed_origins: str, host: str) -> None:
        self._allowed = split_origins(allowed_origins)
        self._own_name = host.lower()

    def refuse_foreign(self, headers: Mapping[str, str], open_to_all: bool) -> None:
        """Programs that are no browsers send no Origin and pass. `open_to_all`: no token is asked for.

        Raises:
            ProblemError: 403 `foreign_origin`.
        """
        origin = headers.get("origin", "").lower()
        if not origin or origin in self._allowed:
            return
        host = headers.get("host", "").lower()
        # Whoever owns a name can let it point to this machine once a page of theirs is open (DNS rebinding). That page
        # has no token; but where none is asked for, a name is ours only if somebody said so.
        if origin.partition("://")[2] == host and (not open_to_all or self._is_ours(host)):
            return
        detail = "a page from elsewhere may not open this; see SCALEGLOVE_ALLOWED_ORIGINS"
        raise ProblemError(403, "foreign_origin", detail)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in {"localhost", self._own_name} or bool(ip_address(name))
        except ValueError:
            return False


def split_origins(text: str) -> frozenset[str]:
    """The origins in a setting, in lower case as browsers send them."""
    return frozenset(origin.strip().lower() for origin in text.split(",") if origin.strip())
