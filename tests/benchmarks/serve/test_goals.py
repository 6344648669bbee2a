from __future__ import annotations

import pytest

from benchmarks.report import Figure
from benchmarks.serve.goals import figures
from benchmarks.serve.latency import ABOVE
from benchmarks.serve.message_cost import message
from benchmarks.serve.peers.catalogue import OURS, PICOWS, PLAIN, PLAIN_ONE, REFERENCE
from benchmarks.serve.results import Results
from benchmarks.serve.sampling import LETTERS, LOOP, METRICS, MODEL, Shares

BINARY = message(1, binary=True)
JSON = message(1, binary=False)


def of_row(found: list[Figure], row: str) -> dict[str, Figure]:
    return {figure.note: figure for figure in found if figure.row == row and figure.ours is not None}


def test_nothing_measured_gives_goals_without_figures() -> None:
    found = figures(Results(), [])
    assert found
    assert all(figure.ours is None and figure.verdict == "not measured" for figure in found)


def test_cpu_time_is_better_where_the_others_need_more() -> None:
    results = Results()
    for server, quantity, cost in (
        (OURS, BINARY, 20.0),
        (PICOWS, BINARY, 16.0),
        (REFERENCE, BINARY, 30.0),
        (PLAIN, JSON, 100.0),
        (PLAIN_ONE, JSON, 90.0),
    ):
        results.add(quantity, server, cost)
    found = of_row(figures(results, []), "message")
    measured = {name: (figure.ours, figure.met) for name, figure in found.items()}
    assert measured == {PLAIN: (5.0, True), PLAIN_ONE: (4.5, False), REFERENCE: (1.5, False), PICOWS: (1.25, True)}


def test_latency_is_what_is_above_the_echo() -> None:
    results = Results()
    results.add(ABOVE[50], OURS, 0.2)
    results.add(ABOVE[50], REFERENCE, 0.5)
    figure = of_row(figures(results, []), "lone")[REFERENCE]
    assert (figure.ours, figure.met) == (pytest.approx(0.4), True)


def test_what_follows_a_prediction_is_beside_the_model() -> None:
    shares = Shares(OURS, "a load", {MODEL: 40, LETTERS: 20, METRICS: 4, LOOP: 36})
    figure = of_row(figures(Results(), [shares]), "profile")[MODEL]
    assert (figure.ours, figure.met) == (pytest.approx(0.6), False)
