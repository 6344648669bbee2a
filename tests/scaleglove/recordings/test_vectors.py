"""Files of every kind, made up: rows, labels, times and refusals as the shared table says.

The page's reader is held to the same table, in `tests/page/recordings.test.mjs`.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scaleglove.recordings import RecordingError, find_recordings, load_episodes

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]


def written(case: dict[str, Any], folder: Path) -> Path:
    """Write the case's file at its path."""
    path = folder / case["path"]
    path.parent.mkdir(parents=True)
    path.write_bytes(base64.b64decode(case["bytes"]))
    return path


@pytest.mark.parametrize("case", [case for case in CASES if "refused" not in case], ids=lambda case: case["name"])
def test_a_file_is_read_as_the_table_says(case: dict[str, Any], tmp_path: Path) -> None:
    path = written(case, tmp_path)
    assert find_recordings(tmp_path) == [path]
    episodes = load_episodes(path)
    assert len(episodes) == case.get("repetitions", 1)
    said = {":".join(filter(None, repair)): count for repair, count in episodes[0].repairs.items()}
    assert said.pop("short") == 1
    assert said == case["said"]
    expected = np.array(case.get("values", TABLE["hand"]["values"]), np.float64)
    for episode in episodes:
        labels = [episode.collection, episode.label, episode.bend] if episode.label else ["", "", ""]
        assert labels == case["labels"]
        assert episode.t_ms == pytest.approx(case.get("t_ms", TABLE["hand"]["t_ms"]), abs=1e-3)
        assert np.allclose(episode.values, expected, rtol=0, atol=1e-4, equal_nan=True)


@pytest.mark.parametrize("case", [case for case in CASES if "refused" in case], ids=lambda case: case["name"])
def test_a_file_is_refused_with_its_code_by_name(case: dict[str, Any], tmp_path: Path) -> None:
    path = written(case, tmp_path)
    with pytest.raises(RecordingError) as refusal:
        load_episodes(path)
    assert refusal.value.code == case["refused"]
    assert str(path) in str(refusal.value)
    assert (refusal.value.column, refusal.value.line) == (case["column"], case["line"])
    assert case["column"] is None or case["column"] in str(refusal.value)
    assert case["line"] is None or f"line {case['line']}" in str(refusal.value)
