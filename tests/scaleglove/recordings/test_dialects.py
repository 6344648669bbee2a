"""Round trips: an episode written in any dialect of CSV is the same episode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleglove.channels import CHANNELS
from scaleglove.recordings import RecordingError, load_episode

SPELLINGS = [
    ("timestamp_ms", *CHANNELS),
    ("Time (ms)", "thumb", "index", "middle", "ring", "little", "Pitch", "Roll", "Yaw"),
    ("t_ms", "flex_1", "flex_2", "flex_3", "flex_4", "flex_5", "pitch(deg)", "roll(deg)", "yaw[deg]"),
    ("time_ms", "flex0", "flex1", "flex2", "flex3", "flex4", "pitch", "roll", "yaw"),
]
numbers = st.floats(-999, 999, width=32).map(lambda value: round(value, 3))


@st.composite
def dialects(draw: st.DrawFn) -> dict[str, Any]:
    separator = draw(st.sampled_from(",;\t"))
    return {
        "names": draw(st.sampled_from(SPELLINGS)),
        "separator": separator,
        "point": "." if separator == "," else draw(st.sampled_from(".,")),
        "end": draw(st.sampled_from(["\n", "\r\n", "\r", "\n\r"])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949"])),
        "sep_line": draw(st.booleans()),
        "quote": draw(st.sampled_from(["", '"'])),
        "note": draw(st.sampled_from(["", "좋음", "good; really"])),
        "order": draw(st.permutations(range(9))),
    }


def dialect_of(rows: list[list[float]], how: dict[str, Any]) -> bytes:
    """Write rows of time and channels in a dialect, with a column of remarks at the end."""
    separator, quote = how["separator"], how["quote"]
    note = how["note"].replace(separator, " ")
    lines = [[*(how["names"][place] for place in how["order"]), "note"]]
    lines += [[*(repr(row[place]).replace(".", how["point"]) for place in how["order"]), note] for row in rows]
    text = [f"sep={separator}"] if how["sep_line"] else []
    text += [separator.join(f"{quote}{cell}{quote}" for cell in cells) for cells in lines]
    return (how["end"].join(text) + how["end"]).encode(how["encoding"])


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.tuples(*[numbers] * 8), min_size=2, max_size=12), how=dialects())
def test_any_dialect_is_the_same_episode(
    tmp_path_factory: Any, rows: list[tuple[float, ...]], how: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "dialect.csv"
    path.write_bytes(dialect_of([[20.0 * number, *row] for number, row in enumerate(rows)], how))
    episode = load_episode(path)
    assert episode.t_ms.tolist() == [20.0 * number for number in range(len(rows))]
    assert np.array_equal(episode.values, np.array(rows, np.float32))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_recording_or_refused_with_a_code(tmp_path_factory: Any, data: bytes) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(data)
    refusal = ""
    try:
        load_episode(path)
    except RecordingError as error:
        refusal = error.code
    assert refusal in {"", "empty", "encoding", "no_header", "no_channel", "no_time", "quotes"}
