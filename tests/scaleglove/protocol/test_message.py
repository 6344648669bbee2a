"""The class variables of messages are their only definition: every list in the project is derived from them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from firmware_bridge.recorder.schemas import READ_FROM_GLOVE, topics
from scaleglove import protocol
from scaleglove.client.receive_queue import ReceiveQueue
from scaleglove.protocol import (
    ACCEPTS,
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Gap,
    Message,
    Prediction,
    SentByService,
    client_messages,
    server_messages,
    type_of,
)
from service.routes.asyncapi import describe_streams, message_name


def classes_in(*modules: Any) -> Iterator[type[Message]]:
    """Yield every message class that these modules define."""
    for module in modules:
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Message) and kind.__module__ == module.__name__:
                yield kind


def test_every_class_is_in_a_union() -> None:
    defined = set(classes_in(client_messages, server_messages))
    assert defined == set(CLIENT_MESSAGES) | set(SERVER_MESSAGES)
    assert set(classes_in(server_messages)) <= set(SERVER_MESSAGES)
    assert all(issubclass(kind, SentByService) for kind in SERVER_MESSAGES)


@pytest.mark.parametrize(
    "kind", sorted({*CLIENT_MESSAGES, *SERVER_MESSAGES}, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__
)
def test_every_class_is_exported_and_light(kind: type[Message]) -> None:
    assert getattr(protocol, kind.__name__) is kind
    assert kind.__name__ in protocol.__all__
    assert kind.__doc__
    assert "__dict__" not in dir(kind), "without a dictionary for each message"
    fields = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    assert set(kind.optional_fields) <= fields
    assert set(kind.option_fields) <= set(kind.optional_fields)
    assert not fields & set(SentByService.__annotations__), "class variables do not travel"


def test_types_are_unique_in_each_direction() -> None:
    for kinds in (CLIENT_MESSAGES, SERVER_MESSAGES):
        assert len({type_of(kind) for kind in kinds}) == len(kinds)


def test_what_a_service_accepts_is_what_came_after_the_first_version() -> None:
    first = {"start", "frames", "reset", "stop"}
    assert {type_of(kind) for kind in CLIENT_MESSAGES} - set(ACCEPTS) == first
    later = {type_of(kind) for kind in CLIENT_MESSAGES if kind.negotiated}
    assert later | {"commands", "usb", "commanded.code", "text.words", "edit.as_signed"} == set(ACCEPTS)


def test_who_receives_what() -> None:
    """The whole table, so that a change of it is a decision."""

    def types(attribute: str, value: object = True) -> set[str]:
        return {type_of(kind) for kind in SERVER_MESSAGES if getattr(kind, attribute) == value}

    assert types("audience", "owner") == {"command"}
    assert types("audience", "viewers") == {"frames", "link", "remark", "glove_letter"}
    assert "glove" in types("audience", "both")
    assert types("droppable") == {"prediction", "frames", "link", "remark", "glove", "glove_letter"}
    about_glove = {"glove", "glove_profile", "link", "ranging", "sensors"}
    assert types("retained") == about_glove | {"model", "profile", "self_calibration", "text"}
    assert types("ends_stream") == {"stopped", "error"}


def test_every_message_is_documented_with_its_receivers() -> None:
    document = describe_streams("1")
    messages = document["components"]["messages"]
    assert set(messages) == {message_name(kind) for kind in (*CLIENT_MESSAGES, *SERVER_MESSAGES)} | {"binaryFrames"}

    def listed(operation: str) -> set[str]:
        return {each["$ref"].rpartition("/")[2] for each in document["operations"][operation]["messages"]}

    assert listed("bringFrames") == {message_name(kind) for kind in CLIENT_MESSAGES} | {"binaryFrames"}
    assert listed("show") == {message_name(kind) for kind in SERVER_MESSAGES if kind.audience != "owner"}
    assert listed("answer") == {message_name(kind) for kind in SERVER_MESSAGES if kind.audience != "viewers"}
    assert "gloveLetter" in listed("show")


def test_every_message_has_a_topic_in_a_recording() -> None:
    recorded = {topic.schema_name for topic in topics().values()}
    expected = {f"scaleglove.{kind.__name__}" for kind in set(SERVER_MESSAGES) - READ_FROM_GLOVE}
    assert recorded == expected | {"scaleglove.Frame", "scaleglove.Remark"}


def test_a_full_queue_drops_what_is_droppable_first() -> None:
    queue = ReceiveQueue(capacity=2)
    for message in (Gap(0, 0.0, 1, "sequence"), prediction(1), prediction(2), Gap(3, 60.0, 1, "sequence")):
        queue.put(message)
    assert queue.dropped == 2
    assert [queue.take(), queue.take(), queue.take()] == [
        Gap(0, 0.0, 1, "sequence"),
        Gap(3, 60.0, 1, "sequence"),
        None,
    ]


def prediction(seq: int) -> Prediction:
    return Prediction(seq, seq * 20.0, "warming", None, None, [], {})
