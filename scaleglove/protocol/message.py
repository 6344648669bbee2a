"""Base of all messages: what the service, the client and the recorder need to know of each class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, ClassVar, Literal

Audience = Literal["owner", "viewers", "both"]
"""Who receives a message of the service: the client that owns the stream, its viewers, or both."""


class Message:
    """A JSON message with a `type`. The class variables are its only definition; every list is derived from them."""

    __slots__ = ()

    negotiated: ClassVar[bool] = False
    """Not in the first version of the protocol: a client sends it only where the service lists its type in ACCEPTS."""
    optional_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that came after the first version. They are not sent while empty, since an older service refuses them."""
    option_fields: ClassVar[tuple[str, ...]] = ()
    """Fields with options of their own. Of these only what differs from its default is sent, for the same reason."""


class SentByService(Message):
    """A message that the service sends."""

    __slots__ = ()

    audience: ClassVar[Audience] = "both"
    droppable: ClassVar[bool] = False
    """Superseded by the next one, or sent as fast as a client likes: dropped, oldest first, for a slow reader."""
    retained: ClassVar[bool] = False
    """Valid until the next one that is `retained_as` it: a new viewer receives the latest."""
    ends_stream: ClassVar[bool] = False
    """The last message of a connection, which is then closed."""

    @property
    def retained_as(self) -> str:
        """What the message replaces where it is retained: by default all of its type."""
        return type_of(type(self))


def type_of(kind: type[Any]) -> str:
    """Return the `type` of a message class."""
    return str(next(field.default for field in fields(kind) if field.name == "type"))


def types_of(kinds: Iterable[type[Any]]) -> tuple[str, ...]:
    """Return the `type` of each message class."""
    return tuple(type_of(kind) for kind in kinds)
