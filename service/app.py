"""ASGI application of the service: its middleware, routes and page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from service.auth.trusted_proxies import TrustedProxies
from service.http import openapi, problem_handlers
from service.http.host_check import CheckHost
from service.http.public_address import NamePublicHost, ReadForwarded
from service.http.receive import BodyMemory
from service.http.security_headers import SecurityHeaders
from service.path_prefix import PrefixError
from service.problems import documented
from service.routes.asyncapi import asyncapi_router
from service.routes.commands import commands_router
from service.routes.gloves import gloves_router
from service.routes.inference_v2.router import inference_v2_router
from service.routes.kept_words import kept_words_router
from service.routes.letters import letters_router
from service.routes.model_switch import switch_router
from service.routes.models import models_router, reload_router
from service.routes.openapi_viewer import openapi_viewer_router
from service.routes.operations import health_router, metrics_router
from service.routes.page import Page, page_entries
from service.routes.predict import predict_router
from service.routes.sittings import sittings_router
from service.routes.streams import stream_router
from service.routes.text_edits import text_router
from service.routes.vocabularies import vocabularies_router
from service.routes.wearers import wearers_router
from service.settings import Settings
from service.state import ServiceState
from service.telemetry.metrics import CountRequests
from service.wearers.limits import MAX_WEARER_FILE
from service.worker_identity import WorkerIdentity

_DESCRIPTION: Final = (
    "Recognises the letters of Korean fingerspelling in the frames of a sensor glove, with the importance of each time "
    "scale. Streaming is described by [asyncapi.json](asyncapi.json) beside this document."
)

_OF_ROUTES: Final = frozenset({"v1", "v2", "health", "metrics", "docs", "openapi.json", "asyncapi.json"})
"""First parts of the paths of all routes."""

_MOST_BODIES: Final = 2
"""Bodies of the largest size that one process receives and works on at once."""


def create_app(settings: Settings, identity: WorkerIdentity | None = None) -> FastAPI:
    """Make the service; its models are loaded and tested before this returns. `app.state.service` is its state.

    Args:
        settings: of the service.
        identity: of this process if it is one of several workers.

    Raises:
        ArtefactError: a model cannot be served.
        DatabaseError: `database_url` cannot be used.
        GpuError: a GPU is required and not available.
        KernelError: the kernel is required and not available.
        PrefixError: `root_path` begins as a path of the service does.
        TokensError: the tokens cannot be used.
    """
    _refuse_own_path(settings.root_path)
    state = ServiceState.create(settings, identity)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with state.running():
            yield

    app = FastAPI(
        lifespan=lifespan,
        title="scaleglove",
        version=state.version,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=openapi.operation_id,
        responses=documented(403, 431, 500, 503),
    )
    app.state.service = state
    app.add_middleware(NamePublicHost)
    app.add_middleware(CheckHost, refuse_foreign_host=state.origins.refuse_foreign_host)
    app.add_middleware(BodyMemory, most_bytes=_MOST_BODIES * max(MAX_WEARER_FILE, settings.max_body_bytes))
    app.add_middleware(CountRequests, metrics=state.metrics)
    app.add_middleware(SecurityHeaders)
    if state.tracing is not None:
        app.add_middleware(state.tracing.around)
    trusted = TrustedProxies.parse(settings.trusted_proxies)
    app.add_middleware(ReadForwarded, root_path=settings.root_path, trusted=trusted)
    problem_handlers.install(app)
    openapi.install(app)
    _add_routes(app, state)
    return app


def _add_routes(app: FastAPI, state: ServiceState) -> None:
    app.include_router(predict_router(state))
    app.include_router(inference_v2_router(state))
    app.include_router(models_router(state))
    app.include_router(reload_router(state))
    app.include_router(letters_router())
    app.include_router(vocabularies_router())
    app.include_router(stream_router(state))
    app.include_router(commands_router(state))
    app.include_router(text_router(state))
    app.include_router(switch_router(state))
    app.include_router(wearers_router(state))
    app.include_router(sittings_router(state))
    app.include_router(kept_words_router(state))
    app.include_router(gloves_router(state))
    app.include_router(health_router(state))
    app.include_router(metrics_router(state))
    app.include_router(asyncapi_router(state.version))
    if state.authenticator.open_to_all:
        # The viewer loads a script from the web, which could read the token that the page keeps in its tab.
        app.include_router(openapi_viewer_router())
    app.router.default = Page()  # not a mount: a mount at "/" would turn 405 (a known path, another method) into 404


def _refuse_own_path(root_path: str) -> None:
    """Raise if a path could not be told apart from one below the prefix: a proxy may have taken it off or not.

    Raises:
        PrefixError: the prefix begins as a route or a file of the page does.
    """
    first = root_path.removeprefix("/").split("/")[0]
    if first in _OF_ROUTES | page_entries():
        raise PrefixError(
            f"root_path: {root_path} begins as a path of the service itself; choose another than /{first}"
        )
