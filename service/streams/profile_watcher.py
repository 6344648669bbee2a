"""The profile of one stream's wearer, as it is found: it may take a while, and changes while the stream runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from service.inference.engine import Model
from service.inference.profile import LoadProfile, Profile
from service.problems import ProblemError

_log = logging.getLogger(__name__)


class ProfileWatcher:
    """Looks for a profile in the background. `find` gives what was found last, and waits for nobody."""

    def __init__(self, load: LoadProfile) -> None:
        self._load = load
        self._model: Model | None = None
        self._found: Profile | ProblemError | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_looking(self) -> bool:
        return self._looking is not None

    @property
    def found(self) -> Profile | ProblemError:
        """By the last search."""
        assert self._found is not None
        return self._found

    def look(self, wearer: str, model: Model, then: Callable[[], None]) -> None:
        """Look, instead of any search of before, and call `then` when it is over."""
        self.give_up()
        self._model = model
        self._looking = asyncio.create_task(self._look(wearer, model, then))

    def find(self, wearer: str, model: Model) -> Profile:
        """What the last search found.

        Raises:
            ProblemError: what it met instead.
        """
        if isinstance(self._found, ProblemError):
            raise self._found
        if self._found is None or model is not self._model:
            detail = f"the models were loaded again while the profile of {wearer[:64]!r} was looked for; start again"
            raise ProblemError(409, "profile_mismatch", detail, "wearer")
        return self._found

    def give_up(self) -> None:
        """Nobody wants to know any more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self, wearer: str, model: Model, then: Callable[[], None]) -> None:
        try:
            self._found = await self._load(wearer, model)
        except ProblemError as problem:
            self._found = problem
        except Exception:  # noqa: BLE001 - whatever it is, the stream must not wait for ever
            _log.exception("a profile could not be loaded")
            self._found = ProblemError(500, "internal_error", "the profile could not be loaded; the log says why")
        self._looking = None
        then()
