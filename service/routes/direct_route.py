"""A route without the detour through FastAPI's solving of arguments, for what is asked a thousand times a second."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute

from service.auth.principals import Principal
from service.auth.require import Require

_Endpoint = Callable[[Request, Principal], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """A route of `async def endpoint(request: Request, guest: Sender) -> Response`, called just so: documented, guarded
    and answering errors as any other, in some 60 microseconds less.

    Raises:
        TypeError: the endpoint wants more than that, which nobody would give it.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        dependant = self.dependant
        others = [*dependant.path_params, *dependant.query_params, *dependant.header_params, *dependant.body_params]
        guards = [dependency.call for dependency in dependant.dependencies]
        if others or len(guards) != 1 or not isinstance(guards[0], Require) or dependant.request_param_name is None:
            raise TypeError(f"{self.path}: a direct route takes the request and its guest, nothing else")
        guard, endpoint = guards[0], cast(_Endpoint, self.endpoint)

        async def handle(request: Request) -> Response:
            return await endpoint(request, await guard(request))

        return handle
