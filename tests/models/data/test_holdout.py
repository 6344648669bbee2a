from __future__ import annotations

import numpy as np
import pytest

from models.data.dataset import Recording
from models.data.holdout import HoldOut, HoldOutError

ALL = [
    Recording(np.zeros((10, 8), np.float32), 0, collection, bend)
    for collection in ("collection_a", "collection_b")
    for bend in "123"
]


@pytest.mark.parametrize(
    ("left_out", "kept", "names"),
    [
        (HoldOut(), 6, ""),
        (HoldOut(bends=("3",)), 4, "bend 3"),
        (HoldOut(collections=("collection_b",)), 3, "collection_b"),
        (HoldOut(("1", "2"), ("collection_a",)), 1, "bend 1, bend 2, collection_a"),
    ],
)
def test_what_is_left_out_is_not_there(left_out: HoldOut, kept: int, names: str) -> None:
    remaining = left_out.kept(ALL)
    assert len(remaining) == kept
    assert not {r.bend for r in remaining} & set(left_out.bends)
    assert not {r.collection for r in remaining} & set(left_out.collections)
    assert left_out.names() == names


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        (HoldOut(bends=("9",)), "no bend 9 to leave out; there are: 1, 2, 3"),
        (HoldOut(collections=("b",)), "no collection b to leave out"),
        (HoldOut(bends=("1", "2", "3")), "nothing is left to train on without bend 1, bend 2, bend 3"),
    ],
)
def test_what_cannot_be_left_out_is_said(left_out: HoldOut, words: str) -> None:
    with pytest.raises(HoldOutError, match=words):
        left_out.kept(ALL)
