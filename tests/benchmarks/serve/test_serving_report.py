from __future__ import annotations

import io
import json

from rich.console import Console

from benchmarks.machine import assign_cores, processor
from benchmarks.report import as_table
from benchmarks.serve.glove_count import GLOVES
from benchmarks.serve.latency import ABOVE, LONE
from benchmarks.serve.message_cost import ALONE, LOADS, PREDICTION, message
from benchmarks.serve.peers.catalogue import ECHO, GRANIAN, NO_C, ONNX, OURS, PICOWS, PLAIN, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Results
from benchmarks.serve.sampling import LETTERS, MODEL, ORDER, Shares
from benchmarks.serve.serving_report import GOALS, Report, page, tables
from benchmarks.serve.stream_memory import IDLE, SIGNING
from benchmarks.serve.window_cost import MODEL as MODEL_ALONE
from benchmarks.serve.window_cost import requests, window
from benchmarks.serve.worker_scaling import TWO_WORKERS

SERVERS = (PLAIN, PLAIN_ONE, GRANIAN, ECHO, PICOWS, OURS, ONNX, NO_C, REFERENCE, MODEL_ALONE)
QUANTITIES = (
    *(*LOADS, ALONE, PREDICTION, *LONE.values(), *ABOVE.values(), GLOVES, IDLE, SIGNING, TWO_WORKERS),
    *(of(count, binary=binary) for of in (window, requests) for count in (1, 64) for binary in (False, True)),
)


def report(results: Results, *shares: Shares, cores: int = 2, others_share: float = 0.01) -> Report:
    load = "20 gloves at 100 Hz"
    return Report(
        "scaleglove bench serve", "a model", load, assign_cores(range(cores)), others_share, results, shares, "a1b2c3d4"
    )


def everything() -> Report:
    results = Results()
    for quantity in QUANTITIES:
        for number, server in enumerate(SERVERS):
            for value in (12_345.6, 23_456.7, 34_567.8):
                results.add(quantity, server, value + number)
    shares = dict.fromkeys(ORDER, 100)
    return report(results, *(Shares(server, "20 gloves, 5 frames a message", shares) for server in (OURS, REFERENCE)))


def test_tables_fit_80_columns_and_break_no_word() -> None:
    for title, rows in tables(everything()):
        console = Console(width=80, record=True, file=io.StringIO())
        console.print(as_table(rows, title, text_columns=2 if title == GOALS else 1))
        lines = console.export_text().splitlines()
        assert max(map(len, lines)) <= 80
        shown = {word for line in lines for word in line.split()}
        assert {word for row in rows for cell in row for word in cell.split()} <= shown, title


def test_page_names_processor_load_method_and_every_server() -> None:
    text = "\n".join(page(everything()))
    assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith("|"))
    for part in (processor(), "20 gloves at 100 Hz", "hold for this processor", "a1b2c3d4", *SERVERS):
        assert part in text
    assert "quiet machine" not in text
    assert "shared one core" not in text


def test_cells_are_medians_with_the_widest_spread() -> None:
    results = Results()
    for value in (90.0, 100.0, 110.0):
        results.add(message(1, binary=True), OURS, value)
    results.add(message(5, binary=True), OURS, 400.0)
    text = "\n".join(page(report(results)))
    assert "|  | 1 binary | 5 binary | spread |" in text
    assert f"| {OURS} | 100 | 400 | 20% |" in text


def test_gloves_are_shown_search_by_search() -> None:
    results = Results()
    for value in (200, 220, 210):
        results.add(GLOVES, OURS, value)
    assert f"| {OURS} | 210 | 200 | 220 | 210 | 10% |" in "\n".join(page(report(results)))


def test_only_goals_that_were_measured_are_listed() -> None:
    shares = Shares(OURS, "20 gloves", {MODEL: 50, LETTERS: 20})
    ((title, rows), *_) = tables(report(Results(), shares))
    assert title == GOALS
    assert len(rows) == 2
    assert rows[1][1:] == [MODEL, "0.4x", "at most 0.5", "met"]


def test_disturbances_are_reported() -> None:
    text = "\n".join(page(report(Results(), cores=1, others_share=0.2)))
    assert "client and server shared one core" in text
    assert "other programs took 20% of the cores" in text


def test_report_is_json() -> None:
    found = json.loads(json.dumps(everything().as_dict()))
    assert found["reference"] == "a1b2c3d4"
    assert {entry["server"] for entry in found["results"]} == set(SERVERS)
    assert all(figure["met"] in {True, False} for figure in found["figures"])
