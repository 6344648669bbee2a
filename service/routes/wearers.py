"""Wearers over HTTP: `/v1/wearers`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from service.auth.require import Require
from service.auth.tokens import Role
from service.directory.local import Directory
from service.http.receive import receive_body
from service.inference.engine import Engine
from service.inference.registry import ModelRegistry
from service.problems import ProblemError, documented
from service.routes.wearer_bodies import (
    CALIBRATION_EXAMPLE,
    EXAMPLE_EXAMPLE,
    SMALL_BYTES,
    WEARER_EXAMPLE,
    Calibration,
    NewExample,
    NewWearer,
    check_source,
    documented_body,
    posted_window,
    read_body,
)
from service.settings import Settings
from service.wearers.calibrate import Calibrated, Calibrator
from service.wearers.exchange import Exchange
from service.wearers.guidance import AddedExample, Guidance, Guides
from service.wearers.load import check_fits
from service.wearers.names import Label, WearerName
from service.wearers.profiles import ProfileStore
from service.wearers.records import (
    Example,
    ExampleList,
    ProfileInfo,
    ProfileList,
    StoredProfile,
    WearerInfo,
    WearerList,
)
from service.wearers.store import WearerStore
from service.wearers.transfer import MAX_BYTES

_FAULTS: Final = (401, 403, 404, 422, 503)
_WRITING: Final = (*_FAULTS, 409, 507)
_BODY: Final = (*_WRITING, 408, 413)

_EXPORT: Final = {"type": "object", "description": "what GET /v1/wearers/{wearer}/export gave"}

_Wearer = Annotated[WearerName, Path(description="name of a wearer")]
_Number = Annotated[int, Path(ge=1, lt=2**31)]


class Deleted(BaseModel):
    deleted: int


def wearers_router(  # noqa: PLR0913, PLR0917 - one of each thing that the app has one of
    store: WearerStore,
    profiles: ProfileStore,
    exchange: Exchange,
    directory: Directory,
    registry: ModelRegistry,
    engine: Engine,
    settings: Settings,
) -> APIRouter:
    """The routes; what blocks runs in threads."""
    router = APIRouter(prefix="/v1/wearers", tags=["wearers"])
    _add_exchange(router, exchange, directory)
    _add_wearers(router, store, directory)
    _add_examples(router, store, Guides(engine, store), directory, registry, settings)
    _add_profiles(router, profiles, directory, registry, Calibrator(engine, store, profiles))
    return router


_viewer = Depends(Require(Role.VIEWER))
_sender = Depends(Require(Role.SENDER))


def _add_wearers(router: APIRouter, store: WearerStore, directory: Directory) -> None:
    @router.post(
        "",
        status_code=201,
        dependencies=[_sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(NewWearer, WEARER_EXAMPLE),
    )
    async def create_wearer(http: Request) -> WearerInfo:
        """Make room for a wearer's examples and profiles."""
        asked = await read_body(http, NewWearer, SMALL_BYTES)
        return await asyncio.to_thread(store.create, asked.wearer)

    @router.get("", dependencies=[_viewer], responses=documented(*_FAULTS))
    async def list_wearers() -> WearerList:
        """Everybody who has been created, by name."""
        return await asyncio.to_thread(store.everybody)

    @router.get("/{wearer}", dependencies=[_viewer], responses=documented(*_FAULTS))
    async def read_wearer(wearer: _Wearer) -> WearerInfo:
        """What there is of a wearer."""
        return await asyncio.to_thread(store.read, wearer)

    @router.delete("/{wearer}", status_code=204, dependencies=[_sender], responses=documented(*_WRITING))
    async def delete_wearer(wearer: _Wearer) -> None:
        """Delete a wearer with all examples and profiles, for good; running streams go back to the model alone."""
        await asyncio.to_thread(store.delete, wearer)
        await directory.profile_changed(wearer)


def _add_exchange(router: APIRouter, exchange: Exchange, directory: Directory) -> None:
    @router.get(
        "/{wearer}/export",
        dependencies=[_sender],
        response_class=Response,
        responses=documented(*_FAULTS) | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def export_wearer(wearer: _Wearer) -> Response:
        """Everything that is kept of a wearer, as one file: windows, profiles, and which of these hold."""
        file = await asyncio.to_thread(exchange.export, wearer)
        name = quote(f"{wearer}.scaleglove.json")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(file, media_type="application/json", headers=headers)

    @router.post(
        "/import",
        status_code=201,
        dependencies=[_sender],
        responses=documented(*_BODY),
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _EXPORT}}}},
    )
    async def import_wearer(http: Request, replace: bool = False) -> WearerInfo:
        """Make a wearer of an exported file. One who is called so stays, unless she is to be replaced; a damaged file
        changes nothing."""
        file = await receive_body(http, MAX_BYTES, None)
        wearer = await asyncio.to_thread(exchange.bring_in, file, replace)
        await directory.profile_changed(wearer.wearer)
        return wearer


def _add_examples(  # noqa: PLR0913, PLR0917 - what an example may come from
    router: APIRouter,
    store: WearerStore,
    guides: Guides,
    directory: Directory,
    registry: ModelRegistry,
    settings: Settings,
) -> None:
    @router.post(
        "/{wearer}/examples",
        status_code=201,
        dependencies=[_sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(NewExample, EXAMPLE_EXAMPLE),
    )
    async def add_example(wearer: _Wearer, http: Request) -> AddedExample:
        """Keep a labelled window of this wearer, and say how good it is by what she has shown before."""
        asked = await read_body(http, NewExample, settings.max_body_bytes, "frames")
        check_source(asked, settings.max_window_frames)
        if asked.stream is None:
            contract = registry.get().contract
            window = await asyncio.to_thread(posted_window, asked, contract)
            example = Example(asked.label, window, contract.sample_rate_hz, "posted")
        else:
            newest = await directory.newest_window(asked.stream)
            example = Example(asked.label, newest.frames, newest.sample_rate_hz, "stream")
        return await guides.add(wearer, example, registry.get())

    @router.get("/{wearer}/guide", dependencies=[_viewer], responses=documented(*_FAULTS, 409))
    async def guide(
        wearer: _Wearer,
        model: Annotated[str | None, Query(description="name of the model; the default one when left out")] = None,
        letters: Annotated[str, Query(max_length=64, description="those that she needs; left out: all")] = "",
    ) -> Guidance:
        """What she should show next, so that few examples do, and whether it is enough."""
        return await guides.advise(wearer, registry.get(model), letters)

    @router.get("/{wearer}/examples", dependencies=[_viewer], responses=documented(*_FAULTS))
    async def list_examples(wearer: _Wearer) -> ExampleList:
        """A wearer's examples, oldest first, without their frames."""
        return await asyncio.to_thread(store.examples, wearer)

    @router.delete(
        "/{wearer}/examples/{example}", status_code=204, dependencies=[_sender], responses=documented(*_WRITING)
    )
    async def delete_example(wearer: _Wearer, example: _Number) -> None:
        """Delete one example; profiles that were made of it stay as they are."""
        await asyncio.to_thread(store.delete_example, wearer, example)

    @router.delete("/{wearer}/examples", dependencies=[_sender], responses=documented(*_WRITING))
    async def delete_examples_of_a_label(wearer: _Wearer, label: Annotated[Label, Query()]) -> Deleted:
        """Delete all examples of a label."""
        return Deleted(deleted=await asyncio.to_thread(store.delete_label, wearer, label))


def _add_profiles(
    router: APIRouter,
    profiles: ProfileStore,
    directory: Directory,
    registry: ModelRegistry,
    calibrator: Calibrator,
) -> None:
    @router.post(
        "/{wearer}/calibrate",
        dependencies=[_sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(Calibration, CALIBRATION_EXAMPLE, required=False),
    )
    async def calibrate(wearer: _Wearer, http: Request) -> Calibrated:
        """Make a profile of the wearer's examples; it holds from now on."""
        asked = await read_body(http, Calibration, SMALL_BYTES)
        calibrated = await calibrator.run(wearer, registry.get(asked.model), asked.decoder)
        await directory.profile_changed(wearer)
        return calibrated

    @router.get("/{wearer}/profiles", dependencies=[_viewer], responses=documented(*_FAULTS))
    async def list_profiles(wearer: _Wearer) -> ProfileList:
        """A wearer's profiles, oldest first."""
        return await asyncio.to_thread(profiles.read, wearer)

    @router.post("/{wearer}/profiles/{version}/activate", dependencies=[_sender], responses=documented(*_WRITING))
    async def activate_profile(wearer: _Wearer, version: _Number) -> ProfileInfo:
        """Let a version hold for its model: back to an earlier one, or forward again. One that was made for another
        artefact than the one that is served is refused."""
        profile = await asyncio.to_thread(profiles.activate, wearer, version, partial(_check_usable, wearer, registry))
        await directory.profile_changed(wearer)
        return profile


def _check_usable(wearer: str, registry: ModelRegistry, stored: StoredProfile) -> None:
    """Refuse a profile with which the model that is served could not answer; of a model that is not, none is."""
    try:
        model = registry.get(stored.model)
    except ProblemError:
        return
    check_fits(stored, wearer, model)
