"""The page's reader of files, in Node, held to the same table of made-up files as Python's."""

from __future__ import annotations

from typing import Any

import pytest

from scaleglove.recordings.labels import named
from tests.page.node import PageInNode
from tests.scaleglove.recordings.test_vectors import CASES, TABLE
from tests.scaleglove.test_channel_names import TABLE as NAMES

UNSAID = {"gap", "flex_dropped", "angle_wrapped"}
"""Codes of a report on a folder: what the page shows in its charts instead."""

SCRIPT = """
const { readField, readHeader } = await import("./client/channel_names.js");
const { labelsOf } = await import("./recordings/labels.js");
const { readCsv } = await import("./recordings/episode_csv.js");
const { UnreadableError } = await import("./recordings/episode.js");

const { cases, names, files } = given;
const read = ({ path, bytes }) => {
  try {
    const name = path.split("/").at(-1);
    return readCsv(new Uint8Array(Buffer.from(bytes, "base64")), { name, begunAt: new Date(0) });
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { refused: error.reason };
  }
};
const fields = names.fields.map(([text]) => readField(text));
const headers = names.headers.map(([texts]) => readHeader(texts).map(({ quantity }) => quantity));
const labels = files.map((name) => labelsOf(name)).map(({ label, bend }) => [label ?? "", bend ?? ""]);
console.log(JSON.stringify({ cases: cases.map(read), fields, headers, labels }));
"""

FILES = [
    "episode_20260101_120000_up_slow.csv",
    "episode_20260101_120000_up_2.csv",
    "episode_20260101_120000_up_123.csv",
    "episode_20260101_120000_2.csv",
    "episode_20260101_120000_ㄱ_half_bent.csv",
    "episode_20260101_120000_ᄀ_ᄂ.csv",
    "episode_20260101_120000_constructor.csv",
    "Episode_20260101_120000_thank_you_1 (2).CSV",
    "episode_20260101_up.csv",
    "up_slow.csv",
]
"""Names of files whose folders say nothing, as those that a browser opens."""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the page's modules make of the tables."""
    page = PageInNode(tmp_path_factory.mktemp("page") / "page")
    found: dict[str, Any] = page.run(SCRIPT, {"cases": CASES, "names": NAMES, "files": FILES})
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_a_file_is_read_or_refused_as_in_python(read: dict[str, Any], number: int) -> None:
    case, found = CASES[number], read["cases"][number]
    if "refused" in case:
        refused = {"key": case["refused"], "column": case["column"], "line": case["line"]}
        assert {"column": None, "line": None} | found["refused"] == refused
        return
    assert len(found["episodes"]) == case.get("repetitions", 1)
    said = {key: count for key, count in found["episodes"][0]["repairs"].items() if count}
    assert said == {key: count for key, count in case["said"].items() if key.partition(":")[0] not in UNSAID}
    values = case.get("values", TABLE["hand"]["values"])
    for episode in found["episodes"]:
        assert [episode["label"] or "", episode["bend"] or ""] == case["labels"][1:]
        assert episode["t"] == pytest.approx(case.get("t_ms", TABLE["hand"]["t_ms"]), abs=1e-3)
        assert len(episode["values"]) == len(values)
        for row, expected in zip(episode["values"], values, strict=True):
            assert [value is None for value in row] == [value is None for value in expected]
            assert [value or 0 for value in row] == pytest.approx([value or 0 for value in expected], abs=1e-4)


def test_names_of_columns_are_read_as_in_python(read: dict[str, Any]) -> None:
    assert [[f["quantity"], f["unit"], f["limits"]] for f in read["fields"]] == [row[1:] for row in NAMES["fields"]]
    assert read["headers"] == [quantities for _, quantities in NAMES["headers"]]


def test_labels_are_read_from_the_names_of_files_as_in_python(read: dict[str, Any]) -> None:
    assert [tuple(labels) for labels in read["labels"]] == [named(name) for name in FILES]
