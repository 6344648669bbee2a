"""Gloves and their profiles: `/v1/gloves`; and the check of a glove: `/v1/glove-checks`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from models.adaptation.glove_check import STEPS
from scaleglove.protocol import UsbIdentity
from service.auth import require
from service.http.bodies.frames_body import FramesBody
from service.http.openapi import documented_body
from service.http.receive import SMALL_BODY_BYTES, receive_charged, receive_frames, receive_json
from service.problems import documented
from service.state import ServiceState
from service.wearers.glove_archive import FILE
from service.wearers.glove_calibration import (
    FRAMES_OF_ALL,
    STEP_LIMITS,
    FramesOfStep,
    GloveCalibration,
    GloveFindings,
    GloveSteps,
    calibrate_glove,
    judge_steps,
)
from service.wearers.glove_records import GloveInfo, GloveList, GloveName, GloveProfileInfo, GloveProfileList
from service.wearers.limits import MAX_GLOVE_FILE

_JUDGING: Final = (401, 403, 408, 413, 422, 429, 503)
_LISTING: Final = (401, 403, 503, 507)
_READING: Final = (*_LISTING, 404, 422)
_WRITING: Final = (*_READING, 409)
_BODY: Final = (*_WRITING, 408, 413, 429)

_EXPORT: Final = {"type": "object", "description": "response of GET /v1/gloves/{glove}/export"}

_Glove = Annotated[GloveName, Path(description="name of a glove")]
_Number = Annotated[int, Path(ge=1, lt=2**31)]


class NewGlove(BaseModel):
    model_config = ConfigDict(extra="forbid")

    glove: GloveName = Field(description="letters of any script, digits, _ - and ., but no dot at the start")


class GloveUsb(BaseModel):
    model_config = ConfigDict(extra="forbid")

    usb: UsbIdentity = Field(description="vendor:product:serial number, as `usb` in GET /v1/streams")


_USB_EXAMPLE: Final = {"usb": "10c4:ea60:0F3A21"}
_GLOVE_EXAMPLE: Final = {"glove": "blue"}
_STRAIGHT: Final = [786, 772, 784, 803, 829, 46, 32, 0]
_BENT: Final = [870, 891, 900, 910, 935, 46, 32, 0]
_CALIBRATION_EXAMPLE: Final[dict[str, Any]] = {
    "hand": "right",
    "steps": {step: [_STRAIGHT if step == "open" else _BENT] * 10 for step in STEPS[:2]},
}


def gloves_router(state: ServiceState) -> APIRouter:
    """Return the routes; blocking calls run in threads."""
    router = APIRouter(tags=["gloves"])
    stored = APIRouter(prefix="/v1/gloves")
    _add_check(router, state)
    _add_archive(stored, state)
    _add_gloves(stored, state)
    _add_profiles(stored, state)
    router.include_router(stored)
    return router


def _add_check(router: APIRouter, state: ServiceState) -> None:
    body = FramesBody(GloveSteps, {"steps": FramesOfStep}, STEP_LIMITS)

    @router.post(
        "/v1/glove-checks",
        dependencies=[require.sender],
        responses=documented(*_JUDGING),
        openapi_extra=documented_body(GloveSteps, _CALIBRATION_EXAMPLE),
    )
    async def check_glove(http: Request) -> GloveFindings:
        """Judge each finger by the steps that were shown so far, and name those that a profile still needs. Nothing is
        stored."""
        request = await receive_frames(http, body, FRAMES_OF_ALL, state.runner)
        return await asyncio.to_thread(judge_steps, request)


def _add_gloves(router: APIRouter, state: ServiceState) -> None:
    store, directory = state.gloves, state.directory

    @router.post(
        "",
        status_code=201,
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(NewGlove, _GLOVE_EXAMPLE),
    )
    async def create_glove(http: Request) -> GloveInfo:
        """Add a glove."""
        new = await receive_json(http, NewGlove, SMALL_BODY_BYTES)
        return await asyncio.to_thread(store.create, new.glove)

    @router.get("", dependencies=[require.viewer], responses=documented(*_LISTING))
    async def list_gloves() -> GloveList:
        """List all gloves, by name."""
        return await asyncio.to_thread(store.read_all)

    @router.get("/{glove}", dependencies=[require.viewer], responses=documented(*_READING))
    async def read_glove(glove: _Glove) -> GloveInfo:
        """Return the profiles of a glove, oldest first."""
        return await asyncio.to_thread(store.read, glove)

    @router.put(
        "/{glove}/usb",
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(GloveUsb, _USB_EXAMPLE),
    )
    async def tie_glove(glove: _Glove, http: Request, replace: bool = False) -> GloveInfo:
        """Tie a glove to its board on USB: a stream that gives this serial number and names no glove uses it. A board
        that is tied to another glove is only taken from it with `replace`."""
        board = await receive_json(http, GloveUsb, SMALL_BODY_BYTES)
        tied = await asyncio.to_thread(store.tie, glove, board.usb, replace)
        await directory.glove_changed(glove)
        return tied

    @router.delete("/{glove}/usb", status_code=204, dependencies=[require.sender], responses=documented(*_WRITING))
    async def untie_glove(glove: _Glove) -> None:
        """Forget the board of a glove; running streams keep the glove that they use."""
        await asyncio.to_thread(store.untie, glove)

    @router.delete("/{glove}", status_code=204, dependencies=[require.sender], responses=documented(*_WRITING))
    async def delete_glove(glove: _Glove) -> None:
        """Delete a glove with all profiles; running streams keep the one that they use."""
        await asyncio.to_thread(store.delete, glove)


def _add_archive(router: APIRouter, state: ServiceState) -> None:
    archive, directory = state.glove_archive, state.directory

    @router.get(
        "/{glove}/export",
        dependencies=[require.sender],
        response_class=Response,
        responses=documented(*_READING) | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def export_glove(glove: _Glove) -> Response:
        """Export everything that is stored of a glove as one file."""
        exported = await asyncio.to_thread(archive.read_glove, glove)
        file = await state.runner.finish(FILE.pack(exported))
        name = quote(f"{glove}.scaleglove.json")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(file, media_type="application/json", headers=headers)

    @router.post(
        "/import",
        status_code=201,
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _EXPORT}}}},
    )
    async def import_glove(http: Request, replace: bool = False) -> GloveInfo:
        """Import the glove of an exported file. An existing glove of that name is only replaced with `replace`; a
        damaged file changes nothing."""
        file = await receive_charged(http, MAX_GLOVE_FILE)
        glove = await state.runner.finish(FILE.unpack(file))
        imported = await asyncio.to_thread(archive.import_glove, glove, replace)
        await directory.glove_changed(imported.glove)
        return imported


def _add_profiles(router: APIRouter, state: ServiceState) -> None:
    store, directory, registry = state.gloves, state.directory, state.registry
    body = FramesBody(GloveCalibration, {"steps": FramesOfStep}, STEP_LIMITS)

    @router.post(
        "/{glove}/calibrate",
        name="calibrate_glove",
        dependencies=[require.sender],
        responses=documented(*_BODY),
        openapi_extra=documented_body(GloveCalibration, _CALIBRATION_EXAMPLE),
    )
    async def calibrate_a_glove(glove: _Glove, http: Request) -> GloveProfileInfo:
        """Judge each finger by the steps of a check, make the glove's next profile of them and activate it."""
        request = await receive_frames(http, body, FRAMES_OF_ALL, state.runner)
        profile, findings = await asyncio.to_thread(calibrate_glove, request, registry.get())
        saved = await asyncio.to_thread(store.save, glove, profile, findings)
        await directory.glove_changed(glove)
        return saved

    @router.get("/{glove}/profiles", dependencies=[require.viewer], responses=documented(*_READING))
    async def list_glove_profiles(glove: _Glove) -> GloveProfileList:
        """List the profiles of a glove, oldest first."""
        return await asyncio.to_thread(store.profiles, glove)

    @router.post("/{glove}/profiles/{version}/activate", dependencies=[require.sender], responses=documented(*_WRITING))
    async def activate_glove_profile(glove: _Glove, version: _Number) -> GloveProfileInfo:
        """Activate a version, an earlier or a later one."""
        activated = await asyncio.to_thread(store.activate, glove, version)
        await directory.glove_changed(glove)
        return activated
