"""Both artefacts of one fit, measured from their files as the benchmark measures the network."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.model.quantised import (  # noqa: E402
    Row,
    reports_of,
    rows,
    summary,
)
from models.data.dataset import Recording  # noqa: E402
from models.evaluation import artefacts  # noqa: E402
from models.evaluation.artefacts import FLOAT32, INT8, ArtefactRecogniser, compare  # noqa: E402
from models.evaluation.benchmark import compute, plan  # noqa: E402
from models.evaluation.job import measure  # noqa: E402
from models.evaluation.judged import Judged  # noqa: E402
from models.evaluation.networks import NetworkFamily  # noqa: E402
from models.evaluation.protocols import CROSS_USER, LEAVE_ONE_SESSION_OUT, Draws  # noqa: E402
from models.evaluation.tables import TITLES  # noqa: E402
from models.networks.catalogue import NETWORKS  # noqa: E402
from models.runtime.artefact import Artefact  # noqa: E402
from models.training.recipe import Recipe  # noqa: E402
from models.training.training import one_thread  # noqa: E402


@pytest.mark.parametrize("model", NETWORKS)
def test_the_artefact_answers_as_the_network_does_as_it_is_and_calibrated(
    model: str, real: list[Recording], tmp_path: Path
) -> None:
    train, test = real[::2], real[1::2]
    recipe = Recipe(model=model, epochs=1, batch_size=16)
    with one_thread():
        fitted = NetworkFamily(recipe).fit(train, 0)
    path = artefacts.write_artefact(fitted.recogniser, recipe, train, tmp_path)
    quantised, size = artefacts.as_artefact(path, tmp_path)
    assert size < path.stat().st_size
    both = {FLOAT32: Artefact.load(path), INT8: quantised}
    assert {weights: artefact.contract.weights for weights, artefact in both.items()} == {FLOAT32: FLOAT32, INT8: INT8}
    windows = [recording.samples[: 10 + 7 * number] for number, recording in enumerate(test)]
    answers = {}
    for weights, artefact in both.items():
        stored = fitted.run_by(ArtefactRecogniser(fitted.recogniser, artefact))
        pairs = [
            (stored, fitted),
            (stored.with_examples(test[:5]), fitted.with_examples(test[:5])),
            (stored.with_unlabelled(windows), fitted.with_unlabelled(windows)),
        ]
        answers[weights] = [(one.probabilities(windows), other.probabilities(windows)) for one, other in pairs]
    for one, other in answers[FLOAT32]:
        # Scores are steep in the distance to an example: rounding of 1e-6 in an embedding is a few 1e-4 in them.
        np.testing.assert_allclose(one, other, atol=1e-3)
    assert not np.allclose(*answers[INT8][0], atol=1e-6)  # it is another file that answers here


@pytest.mark.parametrize("model", ["MSCSGRU_ScaleAware", "MSCSGRU_ScaleAware_Encoded"])
def test_a_package_of_integers_is_measured_with_its_embedding(
    model: str, real: list[Recording], tmp_path: Path
) -> None:
    train, test = real[::2], real[1::2]
    recipe = Recipe(model=model, epochs=1, batch_size=16)
    with one_thread():
        fitted = NetworkFamily(recipe).fit(train, 0)
    path = artefacts.write_artefact(fitted.recogniser, recipe, train, tmp_path)
    package, _ = artefacts.as_package(path, tmp_path)
    windows = [recording.samples for recording in test]
    mine, reference = package.run_windows(windows), Artefact.load(path).run_windows(windows)
    np.testing.assert_allclose(mine.probabilities, reference.probabilities, atol=0.06)
    spread = reference.embedding.std()
    assert np.abs(mine.embedding - reference.embedding).mean() < 0.1 * spread


def test_what_is_measured_of_the_float_artefact_is_what_the_benchmark_measures(made: list[Recording]) -> None:
    recipe = Recipe(model="MSCSGRU_ScaleAware_Encoded", epochs=2, batch_size=16, seed=3)
    draws = Draws(support_sets=2, sessions=1)
    job = next(u for u in plan([NetworkFamily(recipe)], made, [1], draws) if u.fold.protocol == CROSS_USER)
    with one_thread():
        found, expected = compare(recipe, job, made), measure(job, made)
    result = found[FLOAT32]["result"]
    assert _counts(result) == _counts(expected)
    assert result["accuracy_by_frames"] == expected["accuracy_by_frames"]
    assert found["windows"] == expected["test"] == 32
    assert found["same_letter"].keys() == {"10", "80"}
    assert found[INT8]["bytes"] < 0.5 * found[FLOAT32]["bytes"]


def _counts(result: dict) -> dict:
    """Without what rounding moves: confidences."""
    served = Judged.from_dict(result["tally"]).served
    draws = {kind: {shots: of["accuracy"] for shots, of in found.items()} for kind, found in result["few_shot"].items()}
    return {
        "all": result["tally"]["confusion"],
        "self": result["self_calibration"]["confusion"],
        "draws": draws,
        "ranged": result["ranged"]["accuracy"],
        "guided": result["guided"],
        "served": (served.answers, served.rejected, served.right),
    }


@pytest.mark.usefixtures("jobs_in_this_process")
def test_the_table_has_every_protocol_and_says_what_was_lost(made: list[Recording]) -> None:
    recipe = Recipe(model="MSCGRU_ScaleAware", epochs=1, batch_size=16)
    jobs = plan([NetworkFamily(recipe)], made, [0], Draws(support_sets=1, ranges=1, sessions=1))
    by_title = {job.title: result for job, result in compute(jobs, made, 1, partial(compare, recipe))}
    found = [(job, by_title[job.title]) for job in jobs]
    reports = reports_of(found, made, "a command")
    table = rows(reports)
    assert [row.protocol for row in table] == [
        # There are two people: several for sessions.
        *(title for name, title in TITLES.items() if name != LEAVE_ONE_SESSION_OUT),
        "random 80 / 20, 10 frames",
        "leave one style out, 10 frames",
        "cross-user, 10 frames",
    ]
    assert len(TITLES) == 25

    # One right answer fewer of INT8 on the random split: the table says so, in its row and as the worst.
    changed = [(job, dict(result)) for job, result in found]
    spoilt = changed[0][1][INT8]["result"] | {"tally": _spoilt(changed[0][1][FLOAT32]["result"]["tally"])}
    changed[0][1][INT8] = changed[0][1][INT8] | {"result": spoilt}
    totals = summary(changed, reports_of(changed, made, "a command"))
    before, after = table[0].float32, totals["rows"][0]
    tested = changed[0][1]["windows"]
    assert after["float32"] == before
    assert after["difference"] == pytest.approx(-100 / tested, abs=0.011)
    assert totals["worst_difference"] <= after["difference"]
    assert totals["windows"] == sum(result["test"] for result in (r[FLOAT32]["result"] for r in by_title.values()))
    assert all(0 <= percent <= 100 for percent in totals["same_letter_percent"].values())


def _spoilt(tally: dict) -> dict:
    confusion = np.array([row.split() for row in tally["confusion"]], int)
    letter = int(np.argmax(np.diag(confusion)))
    confusion[letter, letter] -= 1
    confusion[letter, (letter + 1) % len(confusion)] += 1
    return tally | {"confusion": [" ".join(map(str, row)) for row in confusion.tolist()]}


def test_a_loss_is_negative() -> None:
    assert Row("any", float32=90.25, int8=90.1).difference == -0.15
    assert replace(Row("any", 90.25, 90.1), int8=91.0).difference == 0.75
