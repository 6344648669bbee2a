"""Recordings that were damaged, and files that somebody made to do harm: what is whole is kept, and all is bounded."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.writer import CompressionType, Writer
from typer.testing import CliRunner

from firmware_bridge.recorder.cli import app
from firmware_bridge.recorder.reader import read_recording, recover
from firmware_bridge.recorder.schemas import FRAMES
from firmware_bridge.recorder.whole_parts import (
    MAGIC,
    MAX_CHUNK_BYTES,
    Condition,
    MessageRecord,
    Record,
    records_of,
)
from scaleglove.recordings import RecordingError

CHUNKS, IN_CHUNK = 6, 10
FRAME = b'{"t_ms":%d,"seq":%d,"flex1":1,"flex2":2,"flex3":3,"flex4":4,"flex5":5,"pitch":0,"roll":0,"yaw":0}'


def written(compression: CompressionType = CompressionType.ZSTD, encoding: str = "json", data: bytes = FRAME) -> bytes:
    """Return a finished file of CHUNKS chunks of IN_CHUNK frames each."""
    out = io.BytesIO()
    writer = Writer(out, compression=compression)
    writer.start(profile="", library="test")
    schema = writer.register_schema("scaleglove.Frame", "jsonschema", b"{}")
    channel = writer.register_channel(FRAMES, encoding, schema)
    for number in range(CHUNKS * IN_CHUNK):
        message = data % (20 * number, number) if b"%" in data else data
        writer.add_message(channel, number, message, number, number)
        if number % IN_CHUNK == IN_CHUNK - 1:
            writer.flush()  # type: ignore[no-untyped-call]
    writer.finish()  # type: ignore[no-untyped-call]
    return out.getvalue()


WHOLE = {compression: written(compression) for compression in CompressionType}
PLAIN = WHOLE[CompressionType.ZSTD]


def numbers(data: bytes) -> tuple[list[int], Condition]:
    """Return the numbers of the messages that are read, in order."""
    condition = Condition()
    found: list[Record] = list(records_of(data, condition))
    return [record.sequence for record in found if isinstance(record, MessageRecord)], condition


@pytest.mark.parametrize("compression", WHOLE, ids=str)
def test_a_whole_file_is_read_whole(compression: CompressionType) -> None:
    assert numbers(WHOLE[compression]) == (list(range(CHUNKS * IN_CHUNK)), Condition(finished=True))


@settings(max_examples=300)
@given(st.sampled_from(sorted(WHOLE, key=str)), st.integers(0, 2**20), st.integers(0, 7))
def test_a_turned_bit_costs_one_chunk(compression: CompressionType, place: int, bit: int) -> None:
    data = bytearray(WHOLE[compression])
    data[len(MAGIC) + place % (len(data) - len(MAGIC))] ^= 1 << bit
    found, _ = numbers(bytes(data))
    assert len(found) >= (CHUNKS - 1) * IN_CHUNK
    assert found == sorted(set(found))


def test_each_bit_of_the_frame_around_a_chunk_costs_one_chunk_and_is_counted() -> None:
    """Opcode, lengths, checksum and name of the compression of the third chunk."""
    begin = [at for at in range(len(PLAIN)) if PLAIN[at] == 6 and PLAIN[at + 37 : at + 45] == b"\4\0\0\0zstd"[:8]][2]
    for bit in range(8 * 53):
        data = bytearray(PLAIN)
        data[begin + bit // 8] ^= 1 << bit % 8
        found, condition = numbers(bytes(data))
        assert len(found) >= (CHUNKS - 1) * IN_CHUNK
        assert condition.finished
        assert condition.damaged or len(found) == CHUNKS * IN_CHUNK


@pytest.mark.parametrize("compression", WHOLE, ids=str)
def test_cut_at_every_byte_every_whole_chunk_is_kept(compression: CompressionType) -> None:
    data, before = WHOLE[compression], 0
    for end in range(len(MAGIC), len(data), 1 if compression is CompressionType.ZSTD else 7):
        found, condition = numbers(data[:end])
        assert found == list(range(len(found)))
        assert before <= len(found)
        assert len(found) % IN_CHUNK == 0
        assert condition == Condition()
        before = len(found)
    assert before == CHUNKS * IN_CHUNK


@given(st.binary(max_size=300), st.integers(0, 2**20))
def test_any_bytes_are_read_in_bounds(noise: bytes, place: int) -> None:
    at = len(MAGIC) + place % (len(PLAIN) - len(MAGIC))
    for data in (MAGIC + noise, PLAIN[:at] + noise, PLAIN[:at] + noise + PLAIN[at:], PLAIN + noise):
        found, _ = numbers(data)
        assert len(found) <= CHUNKS * IN_CHUNK + len(noise)


def chunk(packed: bytes, size: int, compression: bytes = b"zstd", crc: int = 1) -> bytes:
    name = struct.pack("<I", len(compression)) + compression
    body = struct.pack("<QQQI", 0, 0, size, crc) + name + struct.pack("<Q", len(packed)) + packed
    return struct.pack("<BQ", 6, len(body)) + body


def bomb(claimed: int) -> bytes:
    """Return a whole file behind two chunks of too many zeros; the frame of the second says how many."""
    compressor = zstandard.ZstdCompressor()
    stream, size = compressor.compressobj(), MAX_CHUNK_BYTES + 1
    silent = b"".join(stream.compress(bytes(2**20)) for _ in range(0, size, 2**20)) + stream.flush()
    chunks = [chunk(packed, claimed) for packed in (silent, compressor.compress(bytes(size)))]
    return MAGIC + b"".join(chunks) + PLAIN[len(MAGIC) :]


@pytest.mark.parametrize("claimed", [0, 5000, 2**31, 2**64 - 1])
def test_a_bomb_is_not_unpacked(claimed: int) -> None:
    found, condition = numbers(bomb(claimed))
    assert len(found) == CHUNKS * IN_CHUNK
    assert condition == Condition(finished=True, damaged=2)


def test_many_chunks_unpack_to_a_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.recorder.whole_parts._LEAST_UNPACKED", 0)
    monkeypatch.setattr("firmware_bridge.recorder.whole_parts._MOST_TIMES", 1)
    found, condition = numbers(PLAIN)
    assert 0 < len(found) < CHUNKS * IN_CHUNK
    assert condition.damaged > 0


class Watched(bytes):
    """Bytes that count how many of them are copied."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if isinstance(key, slice):
            self.copied += len(found)
        return found


@pytest.mark.parametrize("name", [0, 1, 4, 5, 2**16, 2**17, 2**32 - 1])
def test_what_says_that_it_has_a_long_name_is_not_copied_each_time(name: int) -> None:
    """A file where a chunk may begin at every ninth byte, each with a name as long as half of the file."""
    data = Watched(MAGIC + struct.pack("<BIxxxx", 6, name) * 2**15)
    assert numbers(data)[0] == []
    assert data.copied < 2 * len(data)


def test_the_summary_has_the_topics_of_a_lost_chunk(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    data = bytearray(PLAIN)
    data[PLAIN.index(b"zstd") + 30] ^= 1  # in the first chunk, which has the channel
    path.write_bytes(data)
    recording = read_recording(path)
    assert (len(recording.messages), recording.damaged, recording.unknown) == ((CHUNKS - 1) * IN_CHUNK, 1, 0)
    (track,) = recording.tracks()
    assert track.t_ms[-1] == 20 * (CHUNKS * IN_CHUNK - 1) - 20 * IN_CHUNK
    assert recover(path, tmp_path / "b.mcap") == (CHUNKS - 1) * IN_CHUNK
    assert not read_recording(tmp_path / "b.mcap").is_damaged


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'"text"', "frame 1 is not of plausible numbers"),
        (b'{"t_ms":1e300,"seq":0}', "frame 1 is not of plausible numbers"),
        (b'{"t_ms":0,"seq":1e5}', "frame 1 is not of plausible numbers"),
        (b'{"t_ms":0,"seq":0,"flex1":"a"}', "frame 1 is not of plausible numbers"),
        (b"{", "frame 1 is not of plausible numbers"),
        (b"\xff", "frame 1 is not of plausible numbers"),
    ],
)
def test_what_is_no_frame_is_refused_in_a_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(written(data=data))
    with pytest.raises(RecordingError, match=said) as raised:
        read_recording(path).tracks()
    assert raised.value.code == "frame"


def test_topics_of_other_programs_need_not_be_json(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    path.write_bytes(written(encoding="protobuf", data=b"\x08\x96\x01"))
    recording = read_recording(path)
    assert [message.fields for message in recording.messages] == [None] * (CHUNKS * IN_CHUNK)
    assert recording.finished


def test_recover_has_a_sentence_and_a_status_for_each_verdict(tmp_path: Path) -> None:
    runner, path = CliRunner(), tmp_path / "a.mcap"

    def verdict(data: bytes) -> tuple[int, str]:
        path.write_bytes(data)
        target = tmp_path / "b.mcap"
        target.unlink(missing_ok=True)
        done = runner.invoke(app, ["recover", str(path), str(target)])
        assert target.exists() == (b"messages" in done.stdout_bytes)
        return done.exit_code, done.output + str(done.exception or "")

    broken = bytearray(PLAIN)
    broken[PLAIN.index(b"zstd") + 30] ^= 1
    cases = {
        PLAIN: (0, "finished"),
        PLAIN[:-100]: (0, "truncated"),
        bytes(broken): (1, "damaged: left out 1 damaged parts"),
        b"plain text\n": (1, "not an MCAP file"),
        b"": (1, "not an MCAP file"),
        MAGIC: (1, "it has no message"),
        MAGIC + b"\xff" * 100: (1, "it has no message"),
    }
    for data, (status, words) in cases.items():
        found = verdict(data)
        assert found[0] == status, found
        assert words in found[1]
