"""Model cards of the shipped artefacts, and of any metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from models.evaluation.card import card, write_card
from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.contract import ModelContract
from scaleglove.vocabulary import Vocabulary, load_vocabulary
from tests.conftest import ROOT

SHIPPED = sorted((ROOT / "models" / "artefacts").glob("*.onnx"))


@pytest.mark.parametrize("artefact", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_artefact_has_its_own_card(artefact: Path) -> None:
    expected = card(Artefact.load(artefact).contract, artefact.stat().st_size)
    assert artefact.with_suffix(".md").read_text(encoding="utf-8") == expected, f"run: scaleglove card {artefact}"


def test_accuracy_is_shown_by_protocol_with_its_spread_and_whatever_stands_beside_it(contract: ModelContract) -> None:
    report = {
        "command": "scaleglove evaluate FOLDER --seeds 3",
        "revision": "abc",
        "seeds": [0, 1, 2],
        "accuracy_percent": {
            "cross_user": {"mean": 55.55, "sd": 1.24, "calibration_error": 9.9, "folds": {"a": 50.0}},
            "few_shot_1_any_bend": {"mean": 91.0, "sd": None, "ExtraTrees": 89.7},
            "of_tomorrow": {"mean": 1.0, "sd": 0.0},
        },
        "accuracy_percent_by_frames": {"cross_user": {"5": 40.0, "10": 50.0}},
    }
    lines = card(contract.model_copy(update={"report": report}), 123456).splitlines()
    assert "| protocol | this model | calibration error | ExtraTrees |" in lines
    assert "| cross-user | 55.5 ± 1.2 | 9.9 | – |" in lines
    assert "| 1 a letter, any bend | 91.0 | – | 89.7 |" in lines
    assert "| of tomorrow | 1.0 ± 0.0 | – | – |" in lines
    assert "| protocol | 5 | 10 |" in lines
    assert "| cross-user | 40.0 | 50.0 |" in lines
    assert "- accuracy by `scaleglove evaluate FOLDER --seeds 3` at revision `abc`" in lines
    assert "| size | 123,456 bytes |" in lines


def test_intervals_and_rejection_stand_beside_accuracy_where_they_were_measured(contract: ModelContract) -> None:
    measured = {"mean": 80.0, "sd": 1.0, "interval": [77.5, 82.0], "folds": {}, "calibration_error": 5.0}
    report = {
        "accuracy_percent": {
            "cross_user": measured | {"rejected": 12.5},
            "few_shot_3_each_bend": measured,
            "guided_48": measured | {"interval": None},
        },
    }
    lines = card(contract.model_copy(update={"report": report}), 1).splitlines()
    assert "| protocol | this model | 95 % interval | calibration error | rejected |" in lines
    assert "| cross-user | 80.0 ± 1.0 | 77.5 to 82.0 | 5.0 | 12.5 |" in lines
    assert "| 3 a letter, each bend | 80.0 ± 1.0 | 77.5 to 82.0 | 5.0 | – |" in lines
    assert "| 48 labels, by doubt | 80.0 ± 1.0 | – | 5.0 | – |" in lines


def test_what_was_not_measured_is_reported_and_not_made_up(contract: ModelContract) -> None:
    text = card(contract, 1)
    assert "Not measured: the artefact was made without a report." in text
    assert "±" not in text


def test_where_it_comes_from_is_reported(contract: ModelContract) -> None:
    more = {
        "made_from": "net 1, sha256 00",
        "libraries": {"torch": "9.9"},
        "recipe": {"epochs": 7, "a": {"b": 0.5}},
    }
    made = contract.provenance.model_copy(update=more)
    lines = card(contract.model_copy(update={"provenance": made}), 1).splitlines()
    for line in ("- from net 1, sha256 00", "- with torch 9.9", "| epochs | 7 |", "| a.b | 0.5 |"):
        assert line in lines


def test_the_card_stands_beside_the_artefact_and_only_an_artefact_has_one(artefact_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "net.onnx"
    copy.write_bytes(artefact_path.read_bytes())
    assert write_card(copy) == tmp_path / "net.md"
    assert (tmp_path / "net.md").read_text(encoding="utf-8").startswith("# MSCSGRU_ScaleAware")
    copy.write_bytes(b"no model")
    (tmp_path / "net.md").unlink()
    with pytest.raises(ArtefactError, match=r"net\.onnx"):
        write_card(copy)
    assert list(tmp_path.iterdir()) == [copy]


def test_the_source_is_that_of_the_recordings_and_not_of_the_vocabulary(contract: ModelContract) -> None:
    american = load_vocabulary("american")
    of_letters = {"vocabulary": american, "labels": american.names}
    published = ", ".join(f"{number:03} (240 episodes)" for number in range(1, 26))
    for data, words in ((published, "figshare 20031017"), ("me (240 episodes)", "Source and licence: not stated")):
        made = contract.provenance.model_copy(update={"data": data})
        assert words in card(contract.model_copy(update=of_letters | {"provenance": made}), 1)


def test_the_card_of_own_labels_speaks_of_labels_and_says_what_was_too_little(contract: ModelContract) -> None:
    own = Vocabulary.of(["up", "thank you", "stop"])
    report = {"shortfalls": [{"code": "one_person", "text": "all recordings are of one person", "values": {}}]}
    text = card(contract.model_copy(update={"vocabulary": own, "labels": own.names, "report": report}), 1)
    lines = text.splitlines()
    assert "| labels | up, thank you, stop |" in lines
    assert "- **3 labels** of its own vocabulary, and nothing else." in lines
    assert "- **Too few recordings**: all recordings are of one person." in lines
    assert "24" not in text.split("## Data")[0]
    for word in ("fingerspelling", "Letters held still", "cross-user rows below"):
        assert word not in text
