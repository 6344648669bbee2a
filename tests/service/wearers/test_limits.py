"""Whatever is kept can be exported, and whatever can be exported can be imported: no file exceeds what is taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.front_end import FrontEnd
from models.runtime.prototypes import MAX_PERSON
from scaleglove.protocol import DecoderOptions
from scaleglove.vocabulary import MAX_LABEL, MOST_LABELS, Label
from service.http.bodies.json_spans import MOST_QUOTING
from service.problems import ProblemError
from service.wearers import limits
from service.wearers.archive import FILE, ExportedExample, ExportedProfile, ExportedWearer
from service.wearers.glove_archive import FILE as GLOVE_FILE
from service.wearers.glove_archive import ExportedGlove, ExportedGloveProfile
from service.wearers.glove_records import _MAX_CHANNEL, _MAX_TEXT, GloveFinding
from service.wearers.own_signs import OwnSigns
from service.wearers.records import MAX_STREAM, Comparison, Score
from tests.service.slices import run_slices

WIDEST = "\U0001f9e4"
"""A character of four bytes, as wide as one can be in a file: labels have none that is escaped as six."""

ESCAPED = "\x01"
NUMBER = -1.2345678901234567e-300
LONGEST_TIME = 253402300798.12345


def label(number: int) -> str:
    return f"{number:04d}" + WIDEST * (MAX_LABEL - 4)


def widest_example(frames: int = 1) -> ExportedExample:
    return ExportedExample.model_construct(
        label=label(0),
        window=np.ones((frames, 8), "<f4").tobytes(),
        sample_rate_hz=999.1234567890123,
        source="words",
        quality=0.12345678901234567,
        stream=ESCAPED * MAX_STREAM,
        t_ms=NUMBER,
        weight=0.12345678901234567,
        created_at=LONGEST_TIME,
    )


def widest_profile(embeddings: bytes, examples: int = limits.MOST_EXAMPLES) -> ExportedProfile:
    score = Score(accuracy=0.12345678901234567, mean_confidence=0.12345678901234567)
    signs = OwnSigns(
        labels=tuple(Label(label=label(n), moving=False, display=ESCAPED * MAX_LABEL) for n in range(MOST_LABELS)),
        signs_from="a" * 64,
        shared=tuple(label(n) for n in range(MOST_LABELS)),
    )
    return ExportedProfile.model_construct(
        version=1_000_000_000,
        model=ESCAPED * 256,
        model_version=ESCAPED * 64,
        artefact_sha256="0" * 64,
        labels=[label(n) for n in range(examples)],
        embeddings=embeddings,
        comparison=Comparison(held_back=10**9, single=[label(n) for n in range(201)], before=score, after=score),
        decoder=DecoderOptions(hold_s=0.12345678901234567),
        front_end=FrontEnd(gain=np.full(5, NUMBER), offset=np.full(5, NUMBER)).as_dict(),
        signs=signs.model_dump(mode="json"),
        yaws=[-359.12345678901234] * (examples - limits.MAX_WORDS),
        weights=[0.12345678901234567] * limits.MAX_WORDS,
        trained_as=WIDEST * MAX_PERSON,
        created_at=LONGEST_TIME,
    )


def size(examples: list[ExportedExample], profiles: list[ExportedProfile]) -> int:
    wearer = ExportedWearer.model_construct(
        wearer="a" * 64, created_at=LONGEST_TIME, examples=examples, profiles=profiles, active={}
    )
    return len(run_slices(FILE.pack(wearer)))


EMPTY = size([], [])


def test_an_example_and_a_profile_are_within_the_bytes_that_a_file_has_for_them() -> None:
    example, bare = widest_example(), b"\0" * limits.FRAME_BYTES
    assert size([example], []) - EMPTY <= limits.in_base64(limits.FRAME_BYTES) + limits._EXAMPLE_JSON
    assert size([], [widest_profile(bare)]) - EMPTY <= limits.in_base64(len(bare)) + limits._PROFILE_JSON
    assert EMPTY + limits.MAX_PROFILES * (6 * 256 + 24) <= 64 * 1024, "with an active profile for each model"


def test_the_largest_parts_are_within_their_limits() -> None:
    """A part beyond them would be exported and not imported."""
    assert limits._PROFILE_JSON <= MOST_QUOTING, "each label may be of quotes"
    longest = widest_example(limits.MAX_FRAMES)
    largest = widest_profile(
        b"\0" * (limits.MAX_PROFILE_BYTES // (4 * limits.MOST_EXAMPLES) * (4 * limits.MOST_EXAMPLES))
    )
    wearer = ExportedWearer.model_construct(
        wearer="ada", created_at=1.0, examples=[longest], profiles=[largest], active={}
    )
    assert run_slices(FILE.unpack(run_slices(FILE.pack(wearer)))).examples == [longest]


@given(st.integers(0, limits.MOST_EXAMPLES), st.integers(0, limits.MAX_PROFILES))
def test_whatever_is_kept_fits_in_a_file(examples: int, profiles: int) -> None:
    windows = min(limits.MAX_EXAMPLES_BYTES + limits.MAX_WORDS_BYTES, examples * limits.MAX_FRAMES * limits.FRAME_BYTES)
    embeddings = min(limits.MAX_PROFILES_BYTES, profiles * limits.MAX_PROFILE_BYTES)
    widest = examples * (limits._EXAMPLE_JSON + 4) + profiles * (limits._PROFILE_JSON + 4)
    assert limits.in_base64(windows) + limits.in_base64(embeddings) + widest + EMPTY <= limits.MAX_WEARER_FILE


def test_a_glove_with_the_most_profiles_fits_in_a_file() -> None:
    finding = GloveFinding(
        channel=WIDEST * _MAX_CHANNEL,
        code="follows_neighbour",
        text=ESCAPED * _MAX_TEXT,
        straight=NUMBER,
        bent=NUMBER,
        noise=NUMBER,
        follows=ESCAPED * _MAX_CHANNEL,
    )
    part = ExportedGloveProfile.model_construct(version=1, profile={}, findings=[finding] * 16, created_at=1.0)
    assert len(part.model_dump_json()) + 4096 <= limits.GLOVE_PROFILE_PART.bytes
    profiles = [part.model_copy(update={"version": n}) for n in range(limits.KEPT_PROFILES + 1)]
    glove = ExportedGlove.model_construct(glove="a" * 64, created_at=1.0, profiles=profiles, active=1, usb=None)
    assert len(run_slices(GLOVE_FILE.pack(glove))) <= limits.MAX_GLOVE_FILE


@pytest.mark.parametrize(
    ("kept", "kept_bytes", "more"),
    [(limits.MAX_EXAMPLES, 0, 32), (1, limits.MAX_EXAMPLES_BYTES - 32, 64)],
    ids=["too many", "too long"],
)
def test_no_example_is_kept_that_could_not_be_exported(kept: int, kept_bytes: int, more: int) -> None:
    with pytest.raises(ProblemError) as refused:
        limits.check_space("ada", kept, kept_bytes, more)
    assert (refused.value.status, refused.value.code) == (409, "too_many_examples")
    limits.check_space("ada", kept - 1, kept_bytes - 64, more)


@given(
    st.lists(st.integers(1, limits.MAX_PROFILE_BYTES), max_size=60),
    st.lists(st.integers(1, limits.MAX_PROFILE_BYTES), max_size=4),
)
def test_as_few_profiles_as_possible_are_given_up(sizes: list[int], others: list[int]) -> None:
    def fits(count: int) -> bool:
        kept = sizes[count:] + others
        return len(kept) <= limits.MAX_PROFILES and sum(kept) <= limits.MAX_PROFILES_BYTES

    count = limits.given_up(sizes, others)
    assert fits(count) or count == len(sizes)
    assert count == 0 or not fits(count - 1)
