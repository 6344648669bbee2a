"""Replay of raw recordings: what a link reads from the replay is, byte for byte, what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_bridge.emulator.emulator import Emulator
from firmware_bridge.emulator.raw_replay import RawReplay
from firmware_bridge.link.opening import PortOpener
from firmware_bridge.link.state import LinkState
from firmware_bridge.recorder.raw import RawPort, RawRead, RawRecorder, read_raw
from tests.firmware_bridge.link.gloves import Pty, lines, packets, reading

PORT = RawPort("/dev/ttyUSB0", (RawRead(2.0, b"a"), RawRead(2.5, b"b\n")))


def test_bytes_come_at_their_times_from_the_first_on() -> None:
    replay = RawReplay(PORT, once=True)
    assert replay.greeting() == replay.receive(b"recal\n") == b""
    assert [replay.next_message() for _ in range(3)] == [(0.0, b"a"), (500.0, b"b\n"), None]


def test_a_replay_is_repeated_after_its_pause() -> None:
    replay = RawReplay(PORT, pause_s=2.0)
    assert [replay.next_message() for _ in range(4)] == [(0.0, b"a"), (500.0, b"b\n"), (2500.0, b"a"), (3000.0, b"b\n")]


@pytest.mark.parametrize(
    "sent",
    [
        [b"ets Jul 29 2019 12:21:46\r\n\xff\xfe\n", *(lines(number, 7)[3:] for number in range(40))],
        [b"\0", packets(0, 30), bytes(range(256)), packets(30, 300), b"\xff" * 9000, packets(330, 5)],
    ],
    ids=["text", "binary"],
)
async def test_what_is_read_from_the_replay_is_what_was_recorded(tmp_path: Path, sent: list[bytes]) -> None:
    recordings = [tmp_path / "glove.raw", tmp_path / "replayed.raw"]
    whole = b"".join(sent)

    first = RawRecorder(recordings[0], pytest.fail)
    with Pty() as glove:
        async with reading(glove.path, opener=PortOpener(tap=first)) as read:
            await read.reaches(LinkState.WAITING)
            for data in sent:
                await glove.write(data)
            await read.until(lambda: read_raw(recordings[0])[0].bytes == len(whole))
    first.close()

    second = RawRecorder(recordings[1], pytest.fail)
    emulator = Emulator(RawReplay(read_raw(recordings[0])[0], once=True), speed=10.0, wait=True, patient=True)
    async with emulator.opened(), reading(emulator.path, opener=PortOpener(tap=second)) as replayed:
        await emulator.run()
        await replayed.until(lambda: read_raw(recordings[1])[0].bytes == len(whole))
        assert replayed.link.counts.frames == read.link.counts.frames
    second.close()

    for recording in recordings:
        assert b"".join(piece.data for piece in read_raw(recording)[0].reads) == whole
