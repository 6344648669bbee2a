"""When it is said that nothing fits, and when that is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scaleglove.protocol import GloveNotice, State
from service.streams.fit_watch import NOTHING_FITS_MS, NOTHING_FITS_SHAPES, FitWatch

HOP_MS = 100.0


def windows(state: State, shapes: int, held: int = 10, moving: int = 5) -> list[tuple[State, float]]:
    """Return the state and the stillness of windows in which some shapes are held one after the other."""
    return [(state, still) for _ in range(shapes) for still in (*[0.0] * moving, *[300.0] * held)]


def notices(
    watch: FitWatch, pushed: Iterable[tuple[State, float]], begin: int = 0
) -> Iterator[tuple[int, GloveNotice]]:
    for number, (state, still_ms) in enumerate(pushed, begin):
        if (notice := watch.push(HOP_MS * number, state, still_ms)) is not None:
            yield number, notice


def test_shapes_of_which_none_is_a_letter_are_said_once_and_end_with_the_first_letter() -> None:
    watch = FitWatch()
    ((at, notice),) = notices(watch, windows("rejected", 10))
    assert notice.present
    assert at * HOP_MS == NOTHING_FITS_MS
    ((_, over),) = notices(watch, windows("ok", 2), begin=200)
    assert (over.code, over.present) == (notice.code, False)
    assert not list(notices(watch, windows("ok", 2), begin=300))


def test_a_hand_at_rest_is_not_a_hand_that_nothing_fits() -> None:
    assert not list(notices(FitWatch(), [("rejected", 5000.0)] * 1000))


def test_few_shapes_say_nothing_yet() -> None:
    assert not list(notices(FitWatch(), windows("rejected", NOTHING_FITS_SHAPES - 1, held=60)))


def test_a_letter_now_and_then_is_enough() -> None:
    signed = [*windows("rejected", 5), ("ok", 300.0)] * 5
    assert not list(notices(FitWatch(), signed))
