"""The service, as a table of contents."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from fastapi import FastAPI

from service import problems
from service.auth.origin import Origins
from service.auth.principals import Access
from service.directory.local import LocalDirectory
from service.directory.peer_server import PeerServer
from service.directory.peers import PeerDirectory
from service.http.cooperative_runner import CooperativeRunner
from service.http.security_headers import SecureHeaders
from service.inference.engine import Engine
from service.inference.registry import ModelRegistry
from service.inference.reload import Reload
from service.routes.asyncapi import asyncapi_router
from service.routes.commands import commands_router
from service.routes.health import health_router
from service.routes.inference_v2.router import inference_v2_router
from service.routes.letters import letters_router
from service.routes.metrics import metrics_router
from service.routes.model_switch import switch_router
from service.routes.models import models_router, reload_router
from service.routes.page import Page
from service.routes.predict import predict_router
from service.routes.streams import stream_router
from service.routes.text_edits import text_router
from service.routes.wearers import wearers_router
from service.settings import Settings, read_tokens
from service.streams.hub import Hub
from service.telemetry.metrics import CountRequests, Metrics
from service.telemetry.traces import open_tracing
from service.wearers.database import Database
from service.wearers.exchange import Exchange
from service.wearers.load import ProfileLoader
from service.wearers.profiles import ProfileStore
from service.wearers.store import WearerStore
from service.worker_identity import WorkerIdentity

_DESCRIPTION: Final = (
    "Letters from sensor-glove frames, with the time scale that decided each. "
    "Streaming is described at [/asyncapi.json](/asyncapi.json)."
)

_VIEWER_PATH: Final = "/docs"


def create_app(settings: Settings, place: WorkerIdentity | None = None) -> FastAPI:
    """The whole service; its models are loaded and tried out before this returns. `place`: which of several workers
    this is. `app.state.hub` holds its streams, `app.state.reload` loads its models again.

    Raises:
        ArtefactError: a model cannot be served.
        DatabaseError: the wearers' database cannot be one.
        KernelError: the kernel is asked for and cannot be had.
        TokensError: the tokens cannot be used.
    """
    load = partial(ModelRegistry.load, settings.models_dir, settings.model, settings.accelerator)
    registry = load()
    metrics = Metrics(place, _version())
    reload = Reload(registry, load, settings.models_dir, metrics)
    engine = Engine(metrics)
    turns = CooperativeRunner()
    hub = Hub(settings.max_streams, metrics, place)
    own = LocalDirectory(hub, reload)
    directory = own if place is None else PeerDirectory(own, place)

    database = Database(settings.database_url.get_secret_value())
    wearers, profiles = WearerStore(database), ProfileStore(database)
    load_profile = ProfileLoader(profiles).load

    tracing = open_tracing(os.environ, _version())

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as until_end:
            until_end.callback(database.close)
            if tracing is not None:
                until_end.callback(tracing.close)
            if place is not None:
                door = PeerServer(own, metrics).open(place.socket_path(place.worker))
                await until_end.enter_async_context(door)
            yield

    access = Access(read_tokens(settings))
    app = FastAPI(
        lifespan=live,
        title="scaleglove",
        version=_version(),
        description=_DESCRIPTION,
        # The viewer's script comes from the web, and could read the token that the page keeps in its tab.
        docs_url=_VIEWER_PATH if access.open_to_all else None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.hub = hub
    app.state.access = access
    app.state.reload = reload
    app.state.origins = Origins(settings.allowed_origins, settings.host)
    app.add_middleware(CountRequests, metrics=metrics)
    app.add_middleware(SecureHeaders, viewer_path=_VIEWER_PATH)
    if tracing is not None:
        app.add_middleware(tracing.around)
    problems.install(app)
    app.include_router(predict_router(registry, engine, settings, metrics, turns, load_profile))
    app.include_router(inference_v2_router(registry, engine, settings, metrics, turns, app.version))
    app.include_router(models_router(registry))
    app.include_router(reload_router(registry, directory))
    app.include_router(letters_router())
    app.include_router(stream_router(hub, directory, registry, engine, settings, metrics, tracing, load_profile))
    app.include_router(commands_router(directory))
    app.include_router(text_router(directory))
    app.include_router(switch_router(directory))
    app.include_router(wearers_router(wearers, profiles, Exchange(database), directory, registry, engine, settings))
    app.include_router(health_router(registry))
    app.include_router(metrics_router(metrics))
    app.include_router(asyncapi_router(app.version))
    app.router.default = Page()  # not a mount: one at "/" would hide that a path exists with another method (405)
    return app


def _version() -> str:
    try:
        return version("scaleglove")
    except PackageNotFoundError:
        return "0+uninstalled"  # run from a source tree
