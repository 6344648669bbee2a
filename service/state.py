"""State of the service: one of each of its parts, made from the settings and kept at `app.state.service`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Self

from service.auth.origin import Origins
from service.auth.principals import Authenticator
from service.directory.local import Directory, LocalDirectory
from service.directory.peer_server import PeerServer
from service.directory.peers import PeerDirectory
from service.http.cooperative_runner import CooperativeRunner
from service.inference.engine import Engine
from service.inference.glove import ChooseGlove, LoadGlove
from service.inference.profile import LoadProfile
from service.inference.registry import ModelRegistry
from service.inference.reload import Reload
from service.settings import USUAL_MODEL, Settings, access_is_decided, read_tokens
from service.streams.hub import Hub
from service.telemetry.metrics import Metrics
from service.telemetry.traces import open_tracing
from service.wearers.archive import WearerArchive
from service.wearers.database import Database
from service.wearers.glove_archive import GloveArchive
from service.wearers.glove_loader import GloveLoader
from service.wearers.gloves import GloveStore
from service.wearers.profile_loader import ProfileLoader
from service.wearers.profiles import ProfileStore
from service.wearers.store import WearerStore
from service.worker_identity import WorkerIdentity

if TYPE_CHECKING:
    from service.telemetry.spans import Tracing


@dataclass(frozen=True, slots=True, eq=False)
class ServiceState:
    """Parts of one service process; `identity` is None unless the process is one of several workers."""

    settings: Settings
    version: str
    identity: WorkerIdentity | None
    authenticator: Authenticator
    origins: Origins
    metrics: Metrics
    tracing: Tracing | None
    registry: ModelRegistry
    reload: Reload
    engine: Engine
    runner: CooperativeRunner
    hub: Hub
    local_directory: LocalDirectory
    directory: Directory
    database: Database
    wearers: WearerStore
    profiles: ProfileStore
    archive: WearerArchive
    load_profile: LoadProfile
    gloves: GloveStore
    glove_archive: GloveArchive
    load_glove: LoadGlove
    choose_glove: ChooseGlove

    @classmethod
    def create(cls, settings: Settings, identity: WorkerIdentity | None = None) -> Self:
        """Load the models, test them, and make everything else.

        Raises:
            ArtefactError: a model cannot be served.
            DatabaseError: `database_url` cannot be used.
            GpuError: a GPU is required and not available.
            KernelError: the kernel is required and not available.
            TokensError: the tokens cannot be used.
        """
        package_version = _package_version()
        load = partial(ModelRegistry.load, settings.models_dir, settings.model, settings.accelerator, USUAL_MODEL)
        registry = load()
        metrics = Metrics(identity, package_version)
        reload = Reload(registry, load, settings.models_dir, metrics)
        hub = Hub(settings.max_streams, metrics, identity)
        local_directory = LocalDirectory(hub, reload)
        database = Database(settings.database_url.get_secret_value())
        profiles, gloves = ProfileStore(database), GloveStore(database)
        loader = GloveLoader(gloves)
        authenticator = Authenticator(read_tokens(settings))
        return cls(
            settings=settings,
            version=package_version,
            identity=identity,
            authenticator=authenticator,
            origins=Origins(
                settings.allowed_origins,
                settings.host,
                open_to_all=authenticator.open_to_all,
                home_names=access_is_decided(settings),
            ),
            metrics=metrics,
            tracing=open_tracing(os.environ, package_version),
            registry=registry,
            reload=reload,
            engine=Engine(metrics),
            runner=CooperativeRunner(),
            hub=hub,
            local_directory=local_directory,
            directory=local_directory if identity is None else PeerDirectory(local_directory, identity),
            database=database,
            wearers=WearerStore(database),
            profiles=profiles,
            archive=WearerArchive(database),
            load_profile=ProfileLoader(profiles).load,
            gloves=gloves,
            glove_archive=GloveArchive(database),
            load_glove=loader.load,
            choose_glove=loader.choose,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve the other workers while the block runs; close the database and send the last spans after it."""
        async with AsyncExitStack() as at_end:
            at_end.callback(self.database.close)
            at_end.callback(self.metrics.flush)
            if self.tracing is not None:
                at_end.callback(self.tracing.close)
            if self.identity is not None:
                server = PeerServer(self.local_directory, self.metrics)
                await at_end.enter_async_context(server.open(self.identity.socket_path(self.identity.worker)))
            yield


def _package_version() -> str:
    try:
        return version("scaleglove")
    except PackageNotFoundError:
        return "0+uninstalled"  # run from a source tree
