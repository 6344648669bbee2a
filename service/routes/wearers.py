"""Wearers, their examples and profiles: `/v1/wearers`."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from scaleglove.vocabulary import MOST_LABELS
from service.auth import require
from service.http.bodies.frames_body import FramesBody, frames_limits
from service.http.openapi import documented_body
from service.http.receive import SMALL_BODY_BYTES, receive_charged, receive_frames, receive_json
from service.inference.registry import ModelRegistry
from service.problems import ProblemError, documented
from service.routes.wearer_requests import (
    CALIBRATION_EXAMPLE,
    EXAMPLE_EXAMPLE,
    WEARER_EXAMPLE,
    Calibration,
    ExampleFrames,
    NewExample,
    NewWearer,
    check_source,
    held_example,
    posted_window,
)
from service.state import ServiceState
from service.streams.shape_memory import REMEMBERED
from service.wearers.active_profile import check_compatible
from service.wearers.archive import FILE
from service.wearers.calibration import Calibrator
from service.wearers.doubts import AT_ONCE, DoubtfulShapes, Doubts
from service.wearers.guidance import AddedExample, Guidance, GuidedCalibration
from service.wearers.limits import MAX_WEARER_FILE
from service.wearers.own_signs import Wanted
from service.wearers.records import (
    Calibrated,
    Example,
    ExampleList,
    Label,
    ProfileInfo,
    ProfileList,
    WearerInfo,
    WearerList,
    WearerName,
)
from service.wearers.seen_shapes import ShapeViewer
from service.wearers.tables import ProfileRow

_LISTING: Final = (401, 403, 503, 507)
_READING: Final = (*_LISTING, 404, 422)
_WRITING: Final = (*_READING, 409)
_BODY: Final = (*_WRITING, 408, 413, 429)

_EXPORT: Final = {"type": "object", "description": "response of GET /v1/wearers/{wearer}/export"}

_Wearer = Annotated[WearerName, Path(description="name of a wearer")]
_Number = Annotated[int, Path(ge=1, lt=2**31)]


class Deleted(BaseModel):
    deleted: int


def wearers_router(state: ServiceState) -> APIRouter:
    """Return the routes; blocking calls run in threads."""
    router = APIRouter(prefix="/v1/wearers", tags=["wearers"])
    _add_archive(router, state)
    _add_wearers(router, state)
    _add_examples(router, state)
    _add_profiles(router, state)
    return router


def _add_wearers(router: APIRouter, state: ServiceState) -> None:
    store, directory = state.wearers, state.directory

    @router.post(
        "",
        status_code=201,
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(NewWearer, WEARER_EXAMPLE),
    )
    async def create_wearer(http: Request) -> WearerInfo:
        """Add a wearer."""
        new = await receive_json(http, NewWearer, SMALL_BODY_BYTES)
        return await asyncio.to_thread(store.create, new.wearer)

    @router.get("", dependencies=[require.viewer], responses=documented(*_LISTING))
    async def list_wearers() -> WearerList:
        """List all wearers, by name."""
        return await asyncio.to_thread(store.read_all)

    @router.get("/{wearer}", dependencies=[require.viewer], responses=documented(*_READING))
    async def read_wearer(wearer: _Wearer) -> WearerInfo:
        """Return the examples and profiles of a wearer, in numbers."""
        return await asyncio.to_thread(store.read, wearer)

    @router.delete("/{wearer}", status_code=204, dependencies=[require.sender], responses=documented(*_WRITING))
    async def delete_wearer(wearer: _Wearer) -> None:
        """Delete a wearer with all examples and profiles; running streams continue with the model alone."""
        await asyncio.to_thread(store.delete, wearer)
        await directory.profile_changed(wearer)


def _add_archive(router: APIRouter, state: ServiceState) -> None:
    archive, directory = state.archive, state.directory

    @router.get(
        "/{wearer}/export",
        dependencies=[require.sender],
        response_class=Response,
        responses=documented(*_WRITING) | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def export_wearer(wearer: _Wearer) -> Response:
        """Export everything that is stored of a wearer as one file: examples with their windows, and profiles."""
        exported = await asyncio.to_thread(archive.read_wearer, wearer)
        file = await state.runner.finish(FILE.pack(exported))
        name = quote(f"{wearer}.scaleglove.json")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(file, media_type="application/json", headers=headers)

    @router.post(
        "/import",
        status_code=201,
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _EXPORT}}}},
    )
    async def import_wearer(http: Request, replace: bool = False) -> WearerInfo:
        """Import the wearer of an exported file. An existing wearer of that name is only replaced with `replace`; a
        damaged file changes nothing."""
        file = await receive_charged(http, MAX_WEARER_FILE)
        wearer = await state.runner.finish(FILE.unpack(file))
        imported = await asyncio.to_thread(archive.import_wearer, wearer, replace)
        await directory.profile_changed(imported.wearer)
        return imported


def _add_examples(router: APIRouter, state: ServiceState) -> None:
    store, registry, settings, directory = state.wearers, state.registry, state.settings, state.directory
    guided = GuidedCalibration(state.engine, store)
    viewer = ShapeViewer(state.engine, store, state.profiles)
    doubtful = DoubtfulShapes(viewer)
    body = FramesBody(NewExample, {"frames": ExampleFrames}, frames_limits(settings.max_window_frames))

    @router.post(
        "/{wearer}/examples",
        status_code=201,
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(NewExample, EXAMPLE_EXAMPLE),
    )
    async def add_example(wearer: _Wearer, http: Request) -> AddedExample:
        """Add a labelled window of a wearer, with its quality in view of the examples before it."""
        new = await receive_frames(http, body, settings.max_window_frames, state.runner)
        check_source(new, settings.max_window_frames)
        model = registry.get(new.model)
        if new.stream is None:
            contract = model.contract
            window = await asyncio.to_thread(posted_window, new, contract)
            example = Example(new.label, window, contract.sample_rate_hz, "posted")
        elif new.shape is not None:
            held = await directory.held_shapes(new.stream, new.shape)
            example = held_example(new.label, held.numbered(new.shape), held.sample_rate_hz, model.contract)
        else:
            newest = await directory.newest_window(new.stream)
            example = Example(new.label, newest.frames, newest.sample_rate_hz, "stream")
        return await guided.add(wearer, example, model)

    @router.get("/{wearer}/guide", dependencies=[require.viewer], responses=documented(*_READING, 409))
    async def suggest_example(
        wearer: _Wearer,
        model: Annotated[str | None, Query(description="name of the model; by default the default model")] = None,
        letters: Annotated[
            str,
            Query(max_length=MOST_LABELS, description="labels of one character to learn; by default all"),
        ] = "",
        labels: Annotated[list[str] | None, Query(max_length=MOST_LABELS, description="labels to learn")] = None,
    ) -> Guidance:
        """Suggest the next example of a wearer, so that few are needed, and tell whether there are enough."""
        return await guided.suggest(wearer, registry.get(model), [*letters, *(labels or [])])

    @router.get("/{wearer}/doubts", dependencies=[require.viewer], responses=documented(*_READING, 409))
    async def find_doubts(
        wearer: _Wearer,
        stream: Annotated[str, Query(max_length=64, description="the wearer's stream, as in `started`")],
        model: Annotated[str | None, Query(description="name of the model; by default the default model")] = None,
        count: Annotated[int, Query(ge=1, le=REMEMBERED, description="shapes at most")] = AT_ONCE,
    ) -> Doubts:
        """Find the shapes that a running stream has held of which the model, with the wearer's examples, knows least
        what they were. An answer is an example: POST it with `stream` and `shape`."""
        found = registry.get(model)
        held, glove = await directory.held_shapes(stream), await directory.front_end(stream)
        return await doubtful.find(wearer, found, held, glove, count)

    @router.get("/{wearer}/examples", dependencies=[require.viewer], responses=documented(*_READING))
    async def list_examples(wearer: _Wearer) -> ExampleList:
        """List the examples of a wearer, oldest first, without their frames."""
        return await asyncio.to_thread(store.examples, wearer)

    @router.delete(
        "/{wearer}/examples/{example}", status_code=204, dependencies=[require.sender], responses=documented(*_WRITING)
    )
    async def delete_example(wearer: _Wearer, example: _Number) -> None:
        """Delete one example; profiles made of it do not change."""
        await asyncio.to_thread(store.delete_example, wearer, example)

    @router.delete("/{wearer}/examples", dependencies=[require.sender], responses=documented(*_WRITING))
    async def delete_examples(wearer: _Wearer, label: Annotated[Label, Query()]) -> Deleted:
        """Delete all examples of a label."""
        return Deleted(deleted=await asyncio.to_thread(store.delete_label, wearer, label))


def _add_profiles(router: APIRouter, state: ServiceState) -> None:
    profiles, directory, registry = state.profiles, state.directory, state.registry
    calibrator = Calibrator(state.engine, state.wearers, profiles)

    @router.post(
        "/{wearer}/calibrate",
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(Calibration, CALIBRATION_EXAMPLE, required=False),
    )
    async def calibrate_wearer(wearer: _Wearer, http: Request) -> Calibrated:
        """Make a profile of the wearer's examples and activate it."""
        request = await receive_json(http, Calibration, SMALL_BODY_BYTES)
        model = registry.get(request.model)
        glove = None if request.glove is None else (await state.load_glove(request.glove, model)).known_part
        if glove is None and request.stream is not None:
            glove = await state.directory.front_end(request.stream)
        wanted = Wanted(tuple(request.signs), request.alone, request.signs_from, request.trained_as)
        calibrated = await calibrator.run(wearer, model, request.decoder, glove, wanted)
        await directory.profile_changed(wearer)
        return calibrated

    @router.get("/{wearer}/profiles", dependencies=[require.viewer], responses=documented(*_READING))
    async def list_profiles(wearer: _Wearer) -> ProfileList:
        """List the profiles of a wearer, oldest first."""
        return await asyncio.to_thread(profiles.read, wearer)

    @router.post(
        "/{wearer}/profiles/{version}/activate", dependencies=[require.sender], responses=documented(*_WRITING)
    )
    async def activate_profile(wearer: _Wearer, version: _Number) -> ProfileInfo:
        """Activate a version for its model, an earlier or a later one. A profile of another artefact than the served
        one is refused."""
        profile = await asyncio.to_thread(profiles.activate, wearer, version, partial(_check_usable, wearer, registry))
        await directory.profile_changed(wearer)
        return profile


def _check_usable(wearer: str, registry: ModelRegistry, profile: ProfileRow) -> None:
    """Refuse a profile that the served model cannot use; a profile of a model that is not served is accepted."""
    try:
        model = registry.get(profile.model)
    except ProblemError:
        return
    check_compatible(profile, wearer, model)
