"""Vocabularies: those of the package, files of others, and what is refused."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scaleglove.vocabulary import (
    MOST_LABELS,
    Label,
    Vocabulary,
    VocabularyError,
    find_vocabulary,
    load_vocabulary,
    package_vocabularies,
    read_vocabulary,
)

NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
)


def test_the_package_has_korean_and_american_letters_and_signs() -> None:
    assert package_vocabularies() == ("american", "american_signs", "korean")
    korean, american, signs = (load_vocabulary(name) for name in ("korean", "american", "american_signs"))
    assert (len(korean.names), len(american.names), len(signs.names)) == (24, 24, 40)
    assert (korean.language, american.language, signs.language) == ("korean", "english", "english")
    assert not any(korean.moving + american.moving)
    assert sum(signs.moving) == 16
    assert set(american.names) == {each.label for each in signs.labels if not each.moving}


@given(st.lists(NAMES, min_size=2, max_size=MOST_LABELS, unique=True).filter(lambda names: "rest" not in names))
def test_any_labels_make_a_vocabulary_that_survives_json(names: list[str]) -> None:
    made = Vocabulary.of(names)
    assert made.names == tuple(names)
    assert Vocabulary.model_validate_json(made.model_dump_json()) == made
    assert [made.index(name) for name in names] == list(range(len(names)))


def test_the_labels_of_a_vocabulary_of_the_package_are_that_vocabulary() -> None:
    assert Vocabulary.of(list("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ")) == load_vocabulary("korean")


@pytest.mark.parametrize(
    ("names", "language"), [("ㄱ ㅏ", "korean"), ("a b hello", "english"), ("up down", "none"), ("1 2", "none")]
)
def test_labels_spell_the_language_of_the_letters_among_them(names: str, language: str) -> None:
    assert Vocabulary.of(names.split()).language == language


def test_a_label_is_composed() -> None:
    assert Label(label=unicodedata.normalize("NFD", "한")).label == "한"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["a"], "at least 2"),
        ([f"sign{number}" for number in range(201)], "at most 200"),
        (["a", "a"], "labels must differ"),
        (["a", "rest"], "'rest' is the hand that signs nothing"),
        (["a", ""], "at least 1 "),
        (["a", "b/c"], "folder"),
        (["a", " b"], "blank"),
        (["a", "b\u200b"], "invisible"),
    ],
)
def test_what_is_no_vocabulary_is_refused(labels: list[str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Vocabulary.of(labels)


def test_a_file_is_read_or_its_fault_named(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"name": "own", "labels": [{"label": "stop"}, {"label": "wave", "moving": True}]}))
    assert read_vocabulary(path).moving == (False, True)
    assert read_vocabulary(path).language == "none"
    path.write_text(json.dumps({"name": "own", "labels": [{"label": "stop"}, {"label": "wave", "moves": True}]}))
    with pytest.raises(VocabularyError, match=r"own\.json: labels\.1\.moves: "):
        read_vocabulary(path)
    with pytest.raises(VocabularyError, match="cannot be read"):
        read_vocabulary(tmp_path / "none.json")
    with pytest.raises(VocabularyError, match="no vocabulary dutch; there are: american, american_signs, korean"):
        load_vocabulary("dutch")


def test_a_vocabulary_is_found_by_name_or_file(tmp_path: Path) -> None:
    assert find_vocabulary("american") == load_vocabulary("american")
    path = tmp_path / "mine.json"
    path.write_text(load_vocabulary("american").model_dump_json())
    assert find_vocabulary(str(path)) == load_vocabulary("american")
    with pytest.raises(VocabularyError, match="there are: american"):
        find_vocabulary("klingon")
