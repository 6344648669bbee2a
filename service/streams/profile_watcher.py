"""The profile of a stream's wearer or glove: loaded in the background, and again when it changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, Literal, TypeVar

from service.inference.engine import Model
from service.problems import ProblemError

_log = logging.getLogger(__name__)


_Owner = TypeVar("_Owner")
_Profile = TypeVar("_Profile")


class ProfileWatcher(Generic[_Owner, _Profile]):
    """Loads one profile at a time, with `load`, which is given what says whose it is. `find` returns the last result
    without waiting. `field` of `start` is for errors."""

    def __init__(
        self, load: Callable[[_Owner, Model], Awaitable[_Profile]], field: Literal["wearer", "glove"] = "wearer"
    ) -> None:
        self.load = load
        self._field = field
        self._model: Model | None = None
        self._found: _Profile | ProblemError | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_looking(self) -> bool:
        return self._looking is not None

    def look(self, owner: _Owner, model: Model, then: Callable[[], None]) -> None:
        """Load a profile, instead of any that is being loaded, and call `then` at the end."""
        self.give_up()
        self._model = model
        self._looking = asyncio.create_task(self._look(owner, model, then))

    def find(self, owner: _Owner, model: Model) -> _Profile:
        """Return the last profile loaded.

        Raises:
            ProblemError: loading it failed, or it was loaded for another model.
        """
        if isinstance(self._found, ProblemError):
            raise self._found
        if self._found is None or model is not self._model:
            detail = f"the models were reloaded while the profile of the {self._field} was being loaded; start again"
            raise ProblemError(409, "profile_mismatch", detail, self._field)
        return self._found

    def give_up(self) -> None:
        """Cancel the loading."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self, owner: _Owner, model: Model, then: Callable[[], None]) -> None:
        try:
            self._found = await self.load(owner, model)
        except ProblemError as problem:
            self._found = problem
        except Exception:  # noqa: BLE001 - the stream must not wait for ever
            _log.exception("the profile could not be loaded")
            self._found = ProblemError(500, "internal_error", "the profile could not be loaded; the log says why")
        self._looking = None
        then()
