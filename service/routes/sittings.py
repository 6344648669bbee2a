"""The sitting of a wearer, who spells some words that they are shown: `/v1/wearers/{wearer}/sitting`."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from scaleglove.vocabulary import MOST_LABELS
from service.auth import require
from service.http.openapi import documented_body
from service.http.receive import SMALL_BODY_BYTES, receive_json
from service.problems import documented
from service.routes.wearer_requests import held_example
from service.state import ServiceState
from service.wearers.guidance import AddedExample, GuidedCalibration
from service.wearers.records import Label, WearerName
from service.wearers.seen_shapes import ShapeViewer
from service.wearers.sitting import MOST_LETTERS, Asked, SittingGuide, SittingWords, Spelled

_READING: Final = (401, 403, 404, 409, 422, 503, 507)
_WRITING: Final = (*_READING, 408, 413, 429)

_EXAMPLE: Final = {"stream": "5c396fb48b8e", "labels": ["ㅇ", "ㅏ", "ㄴ"], "since": 12}

_Wearer = Annotated[WearerName, Path(description="name of a wearer")]


class AskedWord(BaseModel):
    """A word that the wearer is asked to spell."""

    model_config = ConfigDict(extra="forbid")

    stream: Annotated[str, Field(max_length=64)] = Field(description="name of the wearer's stream, as in `started`")
    labels: Annotated[list[Label], Field(max_length=MOST_LETTERS)] = Field(
        description="the labels of the word; none: only `next` is wanted"
    )
    since: int = Field(
        0, strict=True, ge=0, description="number of the first shape that may be of it: the previous `next`"
    )
    keep: bool = Field(False, description="the word is over: keep what was found as examples")
    model: str | None = Field(None, description="name of the model; by default the default model")


def sittings_router(state: ServiceState) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/wearers", tags=["wearers"])
    store, registry, directory = state.wearers, state.registry, state.directory
    guided = GuidedCalibration(state.engine, store)
    sitting = SittingGuide(state.engine, store, ShapeViewer(state.engine, store, state.profiles))

    @router.get("/{wearer}/sitting", dependencies=[require.viewer], responses=documented(*_READING))
    async def choose_sitting_words(
        wearer: _Wearer,
        model: Annotated[str | None, Query(description="name of the model; by default the default model")] = None,
        labels: Annotated[
            list[str] | None, Query(max_length=MOST_LABELS, description="labels that the words are to have; all")
        ] = None,
    ) -> SittingWords:
        """Choose some ten words in which all letters occur, those most likely to be confused twice."""
        return await sitting.words(wearer, registry.get(model), labels or [])

    @router.post(
        "/{wearer}/sitting",
        dependencies=[require.sender],
        responses=documented(*_WRITING),
        openapi_extra=documented_body(AskedWord, _EXAMPLE),
    )
    async def spell_sitting_word(wearer: _Wearer, http: Request) -> Spelled:
        """Tell what a running stream has understood of a word that its wearer is asked to spell; with `keep` each
        letter that was found becomes an example."""
        new = await receive_json(http, AskedWord, SMALL_BODY_BYTES)
        model = registry.get(new.model)
        held, glove = await directory.held_shapes(new.stream), await directory.front_end(new.stream)
        asked = Asked(new.labels, new.since, is_over=new.keep)
        understood = await sitting.understand(wearer, model, held, glove, asked)
        if not new.keep:
            return understood.spelled
        added: list[AddedExample] = []
        for label, shape in understood.found:
            # One that is still held stays from here on as it is kept.
            now = None if shape.is_over else await directory.held_shapes(new.stream, shape.number)
            kept = shape if now is None else now.numbered(shape.number)
            example = held_example(label, kept, held.sample_rate_hz, model.contract)
            added.append(await guided.add(wearer, example, model))
        return understood.spelled.model_copy(update={"examples": added})

    return router
