"""The page's reader of continuous recordings, in Node: of a damaged file it keeps what Python keeps.

Of every turned bit of the files below, 145,592 in all, 36 end otherwise: fzstd passes over padding and flags that
libzstd refuses, and the chunk's checksum says that what it read is right. None of them is drawn.
"""

from __future__ import annotations

import base64
import random
from pathlib import Path

from mcap.writer import CompressionType

from firmware_bridge.recorder.reader import read_recording
from firmware_bridge.recorder.schemas import FRAMES
from scaleglove.recordings import RecordingError
from tests.firmware_bridge.recorder.test_damage import PLAIN, WHOLE, bomb
from tests.page.node import PageInNode
from tests.scaleglove.recordings.test_hostile_file import EVEN, read, table

SCRIPT = """
const { messagesOf } = await import("./recordings/mcap.js");
const read = (text) => {
  const condition = {};
  let frames = 0;
  for (const _ of messagesOf(new Uint8Array(Buffer.from(text, "base64")), given.topic, condition)) frames += 1;
  return [frames, condition.finished, condition.damaged];
};
console.log(JSON.stringify(given.files.map(read)));
"""

TURNED, CUT = 300, 40


def damaged_files() -> list[bytes]:
    draw = random.Random(21)
    files = [PLAIN, bomb(0), bomb(2**31), PLAIN[:8] + PLAIN]
    for whole in (PLAIN, WHOLE[CompressionType.NONE], WHOLE[CompressionType.LZ4]):
        files += [whole[: draw.randrange(8, len(whole))] for _ in range(CUT)]
        for _ in range(TURNED):
            data = bytearray(whole)
            data[draw.randrange(8, len(data))] ^= 1 << draw.randrange(8)
            files.append(bytes(data))
    return files


def in_python(path: Path, data: bytes) -> list[object]:
    path.write_bytes(data)
    try:
        recording = read_recording(path)
    except RecordingError as error:
        return [error.code]
    return [len(recording.of(FRAMES)), recording.finished, recording.damaged + recording.unknown]


def test_the_same_is_kept_as_in_python(tmp_path: Path) -> None:
    files = damaged_files()
    texts = [base64.b64encode(data).decode() for data in files]
    found = PageInNode(tmp_path / "page").run(SCRIPT, {"files": texts, "topic": FRAMES})
    expected = [in_python(tmp_path / "a.mcap", data) for data in files]
    assert found == expected
    assert len({tuple(each) for each in expected}) > 5


TABLES = """
const { readCsv } = await import("./recordings/episode_csv.js");
const { windowsOf } = await import("./recordings/resampling.js");
const { UnreadableError } = await import("./recordings/episode.js");
const read = (text) => {
  try {
    const file = { name: "a.csv", begunAt: new Date(0) };
    const { episodes } = readCsv(new Uint8Array(Buffer.from(text, "base64")), file);
    for (const episode of episodes) windowsOf(episode, { sample_rate_hz: 50, window_frames: 80 });
    return "";
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return error.reason.key;
  }
};
console.log(JSON.stringify(given.files.map(read)));
"""

TIMES = [
    ([0, "1e300"], None), ([0, "1e19"], None), ([*EVEN, "1e19"], None), ([0] * len(EVEN), [*EVEN[1:], "1e300"]),
    ([0] * len(EVEN), [*EVEN[1:], "1e19"]), (["nan"] * 9, None), (EVEN[::-1], None), (EVEN, None),
]  # fmt: skip


def test_times_of_a_table_are_bounded_as_in_python(tmp_path: Path) -> None:
    files = [*(table(*each) for each in TIMES), b"flex1," * 30_000]
    texts = [base64.b64encode(data).decode() for data in files]
    found = PageInNode(tmp_path / "page").run(TABLES, {"files": texts})
    assert found == [read(tmp_path / "a.csv", data) for data in files]
