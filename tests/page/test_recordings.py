"""Tests of the recordings view: files are read as in Python, and answered as by the service."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from mcap.writer import CompressionType, Writer
from playwright.sync_api import Locator

from firmware_bridge.codec.events import FrameRead
from firmware_bridge.recorder.episodes import Take, save
from firmware_bridge.recorder.reader import read_recording
from firmware_bridge.recorder.schemas import FRAMES
from scaleglove.channels import CHANNELS
from scaleglove.recordings import Episode, load_episode
from scaleglove.resampling import resample
from tests.end_to_end.test_recording import wait_for_frames
from tests.page.conftest import PHONE, Opened, OpenPage, Start

READS = """async (text) => {
  const { readCsv, writeCsv } = await import("/recordings/episode_csv.js");
  const { windowsOf } = await import("/recordings/resampling.js");
  const bytes = new TextEncoder().encode(text);
  const { episodes: [episode] } = readCsv(bytes, { name: "episode.csv", begunAt: new Date(0) });
  const windows = windowsOf(episode, { sample_rate_hz: 50, window_frames: 87 }).map(({ frames }) => frames);
  return { ...episode, csv: writeCsv(episode), windows };
}"""


@pytest.fixture
def opened(service: str, open_page: OpenPage) -> Opened:
    """Return a page that shows the recordings view."""
    return at_recordings(open_page(service))


@pytest.fixture(scope="module")
def episodes(recordings_root: Path) -> list[Path]:
    """Return recordings of several letters and both collections."""
    paths = sorted(recordings_root.rglob("*.csv"))
    return paths[:: len(paths) // 8]


def at_recordings(opened: Opened) -> Opened:
    opened.page.locator("#to-recordings").click()
    opened.page.locator("#view-recordings").wait_for()
    return opened


def drop(opened: Opened, *paths: Path) -> None:
    opened.page.get_by_test_id("files").set_input_files([str(path) for path in paths])


def answered(opened: Opened) -> Locator:
    """Wait until all models have answered, and return their answers."""
    opened.page.wait_for_function(
        """() => {
          const all = [...document.querySelectorAll(".model-answer")];
          return all.length > 0 && all.every((each) => each.dataset.answered === "true");
        }"""
    )
    return opened.page.locator(".model-answer")


def whole_answer(service: str, model: dict[str, Any], episode: Episode) -> str:
    """Return the service's prediction for a recording as the page writes it."""
    samples = resample(episode.t_ms, episode.values, model["sample_rate_hz"])[-model["window_frames"] :]
    body = {"windows": [samples.tolist()], "model": model["name"]}
    (answer,) = httpx.post(f"{service}/v1/predict", json=body).json()["predictions"]
    if answer["label"] is None:
        return {"rejected": "no matching letter", "warming": "too short for an answer"}[answer["state"]]
    return f"{answer['label']} {int(100 * answer['confidence'] + 0.5)} %"


def test_a_csv_is_read_written_and_windowed_as_in_python(opened: Opened, episodes: list[Path], tmp_path: Path) -> None:
    for path in episodes:
        expected = load_episode(path)
        read = opened.page.evaluate(READS, path.read_text("utf-8"))
        assert read["t"] == expected.t_ms.tolist()
        assert read["values"] == expected.values.tolist()
        whole = resample(expected.t_ms, expected.values, 50)
        assert np.allclose(read["windows"][-1], whole[-87:], atol=1e-3, rtol=0)
        assert [len(window) for window in read["windows"]] == [
            min(87, end, len(whole)) for end in range(5, len(whole) + 5, 5)
        ]
        (written := tmp_path / path.name).write_text(read["csv"], "utf-8")
        assert np.array_equal(load_episode(written).values, expected.values)
        assert np.array_equal(load_episode(written).t_ms, expected.t_ms)


def test_a_csv_is_written_as_by_the_recorder(opened: Opened, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    values = rng.normal([800] * 5 + [0] * 3, [9] * 5 + [90] * 3, (40, 8)).astype(np.float32)
    take = Take(40)
    for i, row in enumerate(values):
        take.add([FrameRead(float(i * 20 + i % 3), tuple(row.tolist()), (0.5, -0.25, 1.0))], 1_700_000_000_000 + i)
    path = save(take, tmp_path, "ㄱ", "2", datetime(2026, 1, 2, 3, 4, 5))
    assert opened.page.evaluate(READS, path.read_text("utf-8"))["csv"] == path.read_text("utf-8")


def test_faulty_lines_are_repaired_and_counted_as_in_python(opened: Opened, tmp_path: Path) -> None:
    header = ",".join(("timestamp_ms", *CHANNELS))
    lines = ["0,1,2,3,4,5,6,7,8", "20,1,2,,4,5,6,7,8", "20,1,2,3,4,5,6,7,8", "20,1e9,2,3,4,5,6,7,8"]
    lines += ["20,2,2,3,4,5,6,7,8", "short", "60,3,2,3,4,5,6,7,8"]
    (path := tmp_path / "dirty.csv").write_text("\ufeff" + "\r\n".join([header, *lines]), "utf-8")
    expected = load_episode(path)
    read = opened.page.evaluate(READS, path.read_text("utf-8"))
    assert read["t"] == expected.t_ms.tolist() == [0, 20, 50, 90]
    assert read["values"] == expected.values.tolist()
    assert read["repairs"] == {"line_left_out": 3, "time_not_rising": 1}


def test_dropped_episodes_are_answered_by_each_model_as_the_service_answers(
    service: str, opened: Opened, episodes: list[Path]
) -> None:
    page = opened.page
    models = httpx.get(f"{service}/v1/models").json()["models"]
    assert len(models) > 1
    drop(opened, *episodes[:3])
    rows = page.locator("[data-testid=recordings] .open")
    opened.wait_for_text("opened", "3 recordings opened.")
    assert rows.count() == 3
    for i, path in enumerate(episodes[:3]):
        rows.nth(i).click()
        answers = answered(opened)
        episode = load_episode(path)
        assert page.locator("#recording-heading").inner_text() == path.name
        assert f"{len(episode.t_ms)} frames" in opened.text("facts")
        assert page.locator(".recording-detail [data-label=letter]").input_value() == episode.label
        for model in models:
            answer = answers.and_(page.locator(f"[data-model={model['name']}]"))
            expected = whole_answer(service, model, episode)
            assert answer.get_by_test_id("answer").inner_text() == expected
            if expected.startswith(episode.label):
                assert answer.locator(".verdict").inner_text() == "as labelled"
                assert episode.label in answer.get_by_test_id("letters").inner_text()
    assert opened.faults == []


def test_a_label_can_be_corrected_and_the_file_downloaded(opened: Opened, episodes: list[Path], tmp_path: Path) -> None:
    page = opened.page
    drop(opened, episodes[0])
    answered(opened)
    page.locator(".recording-detail [data-label=letter]").select_option("ㅎ")
    page.locator(".recording-detail [data-label=bend]").select_option("5")
    assert page.locator("[data-testid=recordings] strong").inner_text() == "ㅎ"
    with page.expect_download() as download:
        page.get_by_test_id("download").click()
    date, time = episodes[0].stem.split("_")[1:3]
    assert download.value.suggested_filename == f"episode_{date}_{time}_ㅎ_5.csv"
    download.value.save_as(target := tmp_path / "downloaded.csv")
    assert np.array_equal(load_episode(target).values, load_episode(episodes[0]).values)
    assert opened.faults == []


def test_a_recording_of_the_bridge_is_read_as_in_python(
    service: str, start: Start, opened: Opened, tmp_path: Path
) -> None:
    path = tmp_path / "today.mcap"
    glove = start("emulate", "--wait", "--text", "안녕", "--hold-s", "1")
    bridge = start("bridge", "--port", glove.line(), "--url", service, "--record", str(path))
    wait_for_frames(path, 200)
    assert bridge.stop(signal.SIGINT)[0] == 0
    (track,) = read_recording(path).tracks()
    broken, some = tmp_path / "broken.mcap", 0
    for eighths in range(7, 0, -1):  # what the bridge wrote after the frames may be more than they are
        broken.write_bytes(path.read_bytes()[: path.stat().st_size * eighths // 8])
        if (some := sum(len(part.t_ms) for part in read_recording(broken).tracks())) < len(track.t_ms):
            break
    assert 0 < some < len(track.t_ms)

    read = opened.page.evaluate(
        """async (bytes) => {
          const { readTracks } = await import("/recordings/tracks.js");
          return readTracks(Uint8Array.from(bytes), "today.mcap");
        }""",
        list(path.read_bytes()),
    )
    (episode,) = read["episodes"]
    assert episode["t"] == track.t_ms.tolist()
    assert episode["values"] == track.values.tolist()

    drop(opened, path)
    letters = answered(opened).first.get_by_test_id("letters").inner_text()
    assert "s" in letters
    assert f"{len(track.t_ms)} frames" in opened.text("facts")
    drop(opened, broken)
    opened.wait_for_text("facts", f"{some} frames")
    assert opened.faults == []


def test_a_recording_of_the_glove_is_shown(service: str, start: Start, opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("r")
    assert opened.text("recorded") == "No glove is connected, so there is nothing to record."
    glove = start("emulate", "--text", "안녕", "--hold-s", "1")
    start("bridge", "--port", glove.line(), "--url", service)
    opened.wait_for_state("Reading the glove")
    page.locator(".recorder [data-label=letter]").select_option("ㅇ")
    page.get_by_test_id("record").focus()
    page.keyboard.press("r")
    page.wait_for_function("() => parseFloat(document.querySelector('.recorder .number').textContent) > 2")
    page.keyboard.press("r")
    opened.wait_for_text("recorded", "Saved")
    answered(opened)
    assert page.locator("[data-testid=recordings] strong").inner_text() == "ㅇ"
    seconds, frames = (float(word) for word in opened.text("facts").split() if word[0].isdigit())
    assert seconds > 2
    assert frames == pytest.approx(1 + seconds * 50, abs=6)
    with page.expect_download() as download:
        page.get_by_test_id("download").click()
    assert download.value.suggested_filename.endswith("_ㅇ_1.csv")
    recorded = load_episode(download.value.path())
    assert len(recorded.t_ms) == frames
    assert recorded.t_ms[-1] / 1000 == pytest.approx(seconds, abs=0.051)
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("No recordings yet.").wait_for()
    assert opened.faults == []


def mcap(
    path: Path,
    compression: CompressionType = CompressionType.ZSTD,
    topic: str = FRAMES,
    channels: Sequence[str] = CHANNELS,
) -> Path:
    with path.open("wb") as file:
        writer = Writer(file, compression=compression)
        writer.start()
        schema = writer.register_schema("scaleglove.Frame", "jsonschema", b"{}")
        channel = writer.register_channel(topic, "json", schema)
        for i in range(100):
            fields = ",".join(f'"{name}":{i + 1}' for name in channels)
            writer.add_message(channel, i, f'{{"t_ms":{i * 20},"seq":{i},{fields}}}'.encode(), i)
        writer.finish()  # type: ignore[no-untyped-call]
    return path


def test_a_recording_that_lacks_a_sensor_is_shown_and_no_model_is_asked(opened: Opened, tmp_path: Path) -> None:
    rows = [f"{20 * n};17,{n};-64;12;786;;861;860;882;좋음" for n in range(40)]
    text = "\r".join(["timestamp_ms;pitch;roll;yaw;flex1;flex2;flex3;flex4;flex5;비고", *rows])
    (path := tmp_path / "episode_20260102_030405_\u1109.csv").write_bytes(text.encode("cp949"))
    drop(opened, path)
    opened.wait_for_text("opened", "1 recording opened.")
    body = opened.page.locator(".recording-body")
    body.get_by_text("lacks the readings of some sensors").wait_for()
    shown = body.inner_text()
    assert "no readings of flex2" in shown
    assert "read in the encoding cp949" in shown
    assert opened.page.locator(".recording-detail [data-label=letter]").input_value() == "ㅅ"
    with opened.page.expect_download() as download:
        opened.page.get_by_test_id("download").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "episode_20260102_030405_ㅅ.csv"
    assert load_episode(saved).missing == ("flex2",)
    assert opened.faults == []


def test_a_continuous_recording_that_lacks_a_sensor_is_shown(opened: Opened, tmp_path: Path) -> None:
    drop(opened, mcap(tmp_path / "today.mcap", channels=CHANNELS[1:]))
    opened.wait_for_text("opened", "1 recording opened.")
    opened.page.locator(".recording-body").get_by_text("lacks the readings of some sensors").wait_for()
    assert opened.faults == []


def test_a_file_that_cannot_be_read_gives_a_sentence(opened: Opened, tmp_path: Path) -> None:
    damaged = bytearray(mcap(tmp_path / "damaged.mcap").read_bytes())
    damaged[len(damaged) // 8] ^= 0xFF  # within the only chunk
    files: dict[str, bytes] = {
        "notes.txt": b"hello",
        "empty.csv": b"",
        "column.csv": b"timestamp_ms,flex1,flex2,flex1\n0,1,2,3\n",
        "lines.csv": (",".join(("timestamp_ms", *CHANNELS)) + "\nx\n").encode(),
        "latin.csv": b"\xff\xfe\x00",
        "other.mcap": b"not at all",
        "damaged.mcap": bytes(damaged),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with (large := tmp_path / "large.csv").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    lz4 = mcap(tmp_path / "lz4.mcap", CompressionType.LZ4)
    topic = mcap(tmp_path / "topic.mcap", topic="/camera")
    good = mcap(tmp_path / "plain.mcap", CompressionType.NONE)
    drop(opened, *(tmp_path / name for name in files), lz4, topic, large, good)
    opened.wait_for_text("opened", "2 recordings opened.")
    errors = opened.page.locator("[data-testid=unreadable] li").all_inner_texts()
    assert errors == [
        "notes.txt cannot be read: it is neither a .csv nor an .mcap file.",
        "empty.csv cannot be read: it is empty.",
        "column.csv cannot be read: the column flex1 is there more than once. Remove all but one.",
        "lines.csv cannot be read: no line has a number in each column; look at line 2.",
        "latin.csv cannot be read: it is not text in an encoding that this page knows. Save it as UTF-8 (in a "
        "spreadsheet: CSV UTF-8).",
        "other.mcap cannot be read: it is not an MCAP file.",
        "damaged.mcap cannot be read: a part of it is damaged.",
        "topic.mcap cannot be read: it has no frames of a glove (topic /glove/frames).",
        "large.csv cannot be read: it has 100 MB; the limit is 64 MB.",
    ]
    answered(opened)
    assert opened.faults == []


def test_a_long_file_is_split_without_blocking_the_page(opened: Opened, tmp_path: Path) -> None:
    rows = [f"{i * 10},800,800,800,800,800,1,2,{i % 90}" for i in range(410_000)]
    header = ",".join(("timestamp_ms", *CHANNELS))
    (path := tmp_path / "long.csv").write_text("\n".join([header, *rows]), "utf-8")
    page = opened.page
    page.evaluate(
        """() => {
          window.frames = 0;
          const count = () => { window.frames += 1; requestAnimationFrame(count); };
          requestAnimationFrame(count);
        }"""
    )
    drop(opened, path)
    opened.wait_for_text("opened", "Reading long.csv")
    before = page.evaluate("window.frames")
    opened.wait_for_text("opened", "67 recordings opened.")
    assert page.evaluate("window.frames") > before + 5
    assert (
        opened.page.get_by_test_id("unreadable").inner_text()
        == "long.csv is long: only its first 400,000 frames were opened."
    )
    rows_shown = page.locator("[data-testid=recordings] .open")
    assert "1:00–2:00" in rows_shown.nth(1).inner_text()
    answered(opened)
    assert opened.faults == []


def test_a_file_can_be_dropped_anywhere_and_fits_a_phone(service: str, open_page: OpenPage) -> None:
    opened = at_recordings(open_page(service, size=PHONE, locale="ko-KR"))
    page = opened.page
    header = ",".join(("timestamp_ms", *CHANNELS))
    text = "\n".join([header, *(f"{i * 20},800,800,800,800,800,1,2,3" for i in range(80))])
    page.evaluate(
        """(text) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "a_name_that_is_much_longer_than_a_telephone_is_wide_really.csv"));
          const init = { dataTransfer: transfer, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent("dragover", init));
          document.body.dispatchEvent(new DragEvent("drop", init));
        }""",
        text,
    )
    answered(opened)
    assert opened.fits()
    assert opened.faults == []
