"""Whole parts of an MCAP file (mcap.dev/spec), whatever has happened to the rest of it. Pure: bytes become records.

A chunk is whole if it unpacks to what its checksum says. Where one is not, or a record cannot be one, the search goes
on at the next chunk, so that a turned bit costs one chunk and not the recording. `clients/page/recordings/mcap.js`
reads by the same rules.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from typing import Final, NamedTuple

import lz4.frame
import zstandard

MAGIC: Final = b"\x89MCAP0\r\n"

MAX_CHUNK_BYTES: Final = 64 * 1024 * 1024
"""Of an unpacked chunk; writers make chunks of some hundred KiB."""

_LEAST_UNPACKED: Final = 256 * 1024 * 1024
_MOST_TIMES: Final = 100
"""What a file may unpack to: this many times its size, or the least. The JSON of a glove packs to a tenth."""

_FOOTER, _SCHEMA, _CHANNEL, _MESSAGE, _CHUNK, _MESSAGE_INDEX = 2, 3, 4, 5, 6, 7
_LAST_KNOWN, _FIRST_PRIVATE = 0x0F, 0x80
"""Between them no opcode has a meaning, nor has 0."""

_HEAD: Final = struct.Struct("<BQ")
_CHUNK_HEAD: Final = struct.Struct("<QQQII")
_MESSAGE_HEAD: Final = struct.Struct("<HIQQ")
_SIZE, _LENGTH, _NUMBER = struct.Struct("<Q"), struct.Struct("<I"), struct.Struct("<H")
_FOOTER_BODY: Final = struct.Struct("<QQI")
_END_BYTES: Final = _HEAD.size + _FOOTER_BODY.size + len(MAGIC)

_COMPRESSIONS: Final = (b"", b"zstd", b"lz4")
_LONGEST_NAME: Final = 4
"""Bytes of the name of a compression: any byte may begin a chunk, and what it says is copied to be compared."""

Data = bytes | mmap


class SchemaRecord(NamedTuple):
    """Schema of messages."""

    id: int
    name: str
    encoding: str
    data: bytes


class ChannelRecord(NamedTuple):
    """A topic; `schema` 0: its messages have none."""

    id: int
    schema: int
    topic: str
    encoding: str


class MessageRecord(NamedTuple):
    """A message of a channel, with its times in ns."""

    channel: int
    sequence: int
    log_time: int
    publish_time: int
    data: bytes


Record = SchemaRecord | ChannelRecord | MessageRecord


@dataclass
class Condition:
    """What a file is like, known after its last record."""

    finished: bool = False
    """Whether its end is there; otherwise it was cut off."""
    damaged: int = 0
    """Places where something was left out: a chunk that is not whole, or bytes that are no record."""


class _DamagedError(ValueError):
    """Raised for a part that is not whole."""


class _Chunk(NamedTuple):
    """Where a chunk lies: its packed records are from `begin` to `end`, where the chunk ends too."""

    begin: int
    end: int
    size: int
    crc: int
    compression: bytes
    is_framed: bool
    """Whether the length of its record says the same end."""


def records_of(data: Data, condition: Condition) -> Iterator[Record]:
    """Yield the records of every whole part of a file that begins with MAGIC, the schemas and channels of its summary
    first: the chunk that had them may be lost."""
    condition.finished = _footer(data) is not None
    yield from _of_summary(data)
    at, left = len(MAGIC), max(_LEAST_UNPACKED, _MOST_TIMES * len(data))
    has_chunks = False
    while at + _HEAD.size <= len(data):
        opcode, length = _HEAD.unpack_from(data, at)
        chunk, end = _chunk_at(data, at), at + _HEAD.size + length
        is_chunk = opcode == _CHUNK or (chunk is not None and chunk.is_framed)  # whatever its first bits are
        try:
            if is_chunk:
                has_chunks = True
                records = _unpacked(data, chunk, left)
                left -= len(records)
                if chunk and not chunk.is_framed:  # one of its two lengths is wrong
                    end = _next_chunk(data, chunk.begin, len(data)) or len(data)
                yield from _plain_records(records, 0, len(records))
            elif opcode == _FOOTER and condition.finished:
                return
            else:
                if end <= len(data) and _next_chunk(data, at + 1, end) is not None:
                    raise _DamagedError("a chunk lies within a record that is none: its length is wrong")
                record = _read(data, opcode, at + _HEAD.size, end)
                if isinstance(record, MessageRecord) and has_chunks:  # an index, one bit of it turned
                    raise _DamagedError("messages of this file lie in chunks")
                if record:
                    yield record
        except _DamagedError:
            following = chunk.end if chunk and chunk.is_framed else _next_chunk(data, at + 1, len(data))
            is_cut_off = end > len(data) and not condition.finished
            condition.damaged += following is not None or not is_cut_off
            if following is None:
                return
            end = following
        at = end


def _footer(data: Data) -> int | None:
    """Return where the summary begins, 0 without one; None for a file that does not end as it should."""
    at = len(data) - _END_BYTES
    if at < len(MAGIC) or data[-len(MAGIC) :] != MAGIC or _HEAD.unpack_from(data, at) != (_FOOTER, _FOOTER_BODY.size):
        return None
    begin: int = _FOOTER_BODY.unpack_from(data, at + _HEAD.size)[0]
    return begin if begin <= at else 0


def _of_summary(data: Data) -> Iterator[Record]:
    begin = _footer(data)
    if begin:
        with suppress(_DamagedError):
            for record in _plain_records(data, begin, len(data) - _END_BYTES):
                if not isinstance(record, MessageRecord):
                    yield record


def _plain_records(data: Data, at: int, size: int) -> Iterator[Record]:
    """Yield the records between two places that hold no chunks.

    Raises:
        _DamagedError: one does not fit, after those before it.
    """
    while at < size:
        if at + _HEAD.size > size:
            raise _DamagedError("it ends within a record")
        opcode, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + length > size:
            raise _DamagedError("it ends within a record")
        if record := _read(data, opcode, at, at + length):
            yield record
        at += length


def _read(data: Data, opcode: int, begin: int, end: int) -> Record | None:
    """Return a record that is of use, None for any other.

    Raises:
        _DamagedError: it is no record.
    """
    if end > len(data) or opcode == 0 or _LAST_KNOWN < opcode < _FIRST_PRIVATE:
        raise _DamagedError("no record")
    if opcode not in (_SCHEMA, _CHANNEL, _MESSAGE, _MESSAGE_INDEX):
        return None
    fields = _Fields(data[begin:end])
    match opcode:
        case 3:  # a schema
            record: Record = SchemaRecord(fields.number(), fields.text(), fields.text(), fields.part())
        case 4:  # a channel
            record = ChannelRecord(fields.number(), fields.number(), fields.text(), fields.text())
            fields.part()  # its metadata
        case 5:  # a message
            return fields.message()
        case _:  # an index of messages
            fields.number()
            fields.part()
            fields.finish()
            return None
    fields.finish()
    return record


class _Fields:
    """Reader of the fields of a record; raises _DamagedError beyond its end."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        return self._take(_NUMBER)

    def part(self) -> bytes:
        size = self._take(_LENGTH)
        if self._at + size > len(self._body):
            raise _DamagedError("it ends within a field")
        self._at += size
        return self._body[self._at - size : self._at]

    def text(self) -> str:
        try:
            return self.part().decode()
        except UnicodeDecodeError:
            raise _DamagedError("a name is not text") from None

    def message(self) -> MessageRecord:
        if len(self._body) < _MESSAGE_HEAD.size:
            raise _DamagedError("a message without a head")
        channel, sequence, log_time, publish_time = _MESSAGE_HEAD.unpack_from(self._body)
        return MessageRecord(channel, sequence, log_time, publish_time, self._body[_MESSAGE_HEAD.size :])

    def finish(self) -> None:
        if self._at != len(self._body):
            raise _DamagedError("more than its fields")

    def _take(self, form: struct.Struct) -> int:
        if self._at + form.size > len(self._body):
            raise _DamagedError("it ends within a field")
        number: int = form.unpack_from(self._body, self._at)[0]
        self._at += form.size
        return number


def _chunk_at(data: Data, at: int) -> _Chunk | None:
    """Return the chunk whose record begins here, None where there cannot be one."""
    head = at + _HEAD.size
    if head + _CHUNK_HEAD.size > len(data):
        return None
    _, _, size, crc, name = _CHUNK_HEAD.unpack_from(data, head)
    begin = head + _CHUNK_HEAD.size + name + _SIZE.size
    if name > _LONGEST_NAME or begin > len(data):
        return None
    compression = data[head + _CHUNK_HEAD.size : begin - _SIZE.size]
    if compression not in _COMPRESSIONS:
        return None
    end = begin + _SIZE.unpack_from(data, begin - _SIZE.size)[0]
    if end > len(data):
        return None
    return _Chunk(begin, end, size, crc, compression, head + _HEAD.unpack_from(data, at)[1] == end)


def _next_chunk(data: Data, at: int, before: int) -> int | None:
    """Return where the next record between two places begins that is framed as a chunk."""
    while (at := data.find(bytes((_CHUNK,)), at, before)) >= 0:
        chunk = _chunk_at(data, at)
        if chunk and chunk.is_framed:
            return at
        at += 1
    return None


def _unpacked(data: Data, chunk: _Chunk | None, most: int) -> bytes:
    """Return the records of a chunk.

    Raises:
        _DamagedError: it is not whole, or unpacks to more than `most` bytes.
    """
    if chunk is None or chunk.size > min(most, MAX_CHUNK_BYTES):
        raise _DamagedError("no chunk, or one too large")
    records = _decompressed(data[chunk.begin : chunk.end], chunk.compression, chunk.size)
    if len(records) != chunk.size:
        raise _DamagedError("it unpacks to another size")
    if zlib.crc32(records) != chunk.crc if chunk.crc else not chunk.is_framed:
        raise _DamagedError("its checksum differs")
    return records


def _decompressed(packed: bytes, compression: bytes, size: int) -> bytes:
    """Return the bytes that were packed, which are to be `size`; never many more.

    Raises:
        _DamagedError: they cannot be unpacked.
    """
    try:
        match compression:
            case b"zstd":
                if zstandard.frame_content_size(packed) > size:
                    raise _DamagedError("it unpacks to too much")
                return zstandard.ZstdDecompressor().decompress(packed, max_output_size=size, allow_extra_data=False)
            case b"lz4":
                decompressor = lz4.frame.LZ4FrameDecompressor()
                records: bytes = decompressor.decompress(packed, max_length=size + 1)
                if not decompressor.eof:
                    raise _DamagedError("it unpacks to too much, or is cut off")
                return records
            case _:
                return packed
    except (zstandard.ZstdError, RuntimeError, MemoryError) as error:
        raise _DamagedError(str(error)) from None
