"""Tests of the session of a check, in the page's own modules."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from firmware_bridge.codec.events import DeviceRestarted, FrameRead
from firmware_bridge.glove_wizard.session import StepTake
from models.adaptation.glove_check import STEPS
from tests.page.conftest import OpenPage


@pytest.fixture
def idle(url: str, open_page: OpenPage) -> Page:
    """Return a page for its pure modules alone."""
    return open_page(url).page


_TAKE = """async batches => {
  const { StepTake } = await import("/views/gloves/step_take.js");
  const take = new StepTake();
  for (const times of batches) take.add({ t_ms: times, values: times.map(time => [time]) });
  return [take.isDone, take.frames.map(([time]) => time)];
}"""


def test_a_step_is_taken_as_the_command_line_takes_it(idle: Page) -> None:
    @given(st.integers(1, 1500), st.lists(st.integers(1, 400), min_size=1, max_size=8), st.booleans())
    @settings(max_examples=40, deadline=None, database=None)
    def check(step_ms: int, sizes: list[int], restarts: bool) -> None:
        batches, begin = [], 5000
        for size in sizes:
            batches.append([begin + step_ms * place for place in range(size)])
            begin = 0 if restarts else begin + step_ms * size
        take, last = StepTake(), -1
        for times in batches:
            if times[0] < last - 1000 and not take.is_done:
                take.add([DeviceRestarted(0.0, 0.0)])
            take.add([FrameRead(time, (time,) * 8) for time in times])
            last = times[-1] if not take.is_done else last
        is_done, frames = idle.evaluate(_TAKE, batches)
        assert (is_done, frames) == (take.is_done, take.values()[:, 0].tolist() if len(frames) else [])

    check()


_SESSION = """async events => {
  const { INITIAL, isPossible, reduce, stateOf } = await import("/views/gloves/session.js");
  const { STEPS } = await import("/views/gloves/steps.js");
  const session = events.reduce((before, event, i) => reduce(before, event, 1000 * i), INITIAL);
  const commands = ["begin", "take", "stop", "skip", "redo", "show", "judge", "store", "cancel"];
  return { ...session, possible: commands.filter(each => isPossible(session, each)),
           states: STEPS.map(step => stateOf(session, step)) };
}"""

_BEGIN: Final = {"kind": "begin"}
_TAKEN: Final = {"kind": "taken", "frames": [[0] * 8], "source": "a"}
_SKIP: Final = {"kind": "skip"}


def session_after(page: Page, *events: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(_SESSION, list(events))
    return answer


def test_a_session_offers_what_is_possible(idle: Page) -> None:
    judged = {"kind": "judged", "findings": [], "needed": []}
    problem = {"code": "storage_full", "detail": ""}
    assert session_after(idle)["possible"] == ["begin"]
    assert session_after(idle, _BEGIN)["possible"] == ["take", "skip", "show", "cancel"]
    counting = session_after(idle, _BEGIN, {"kind": "start"})
    assert (counting["phase"], counting["possible"], counting["until"]) == ("counting", ["stop"], 2000)
    interrupted = session_after(idle, _BEGIN, {"kind": "start"}, {"kind": "hold"}, {"kind": "interrupted"})
    assert (interrupted["phase"], interrupted["step"], interrupted["isInterrupted"]) == ("asking", "open", True)
    done = [_BEGIN, *[_TAKEN] * len(STEPS)]
    assert session_after(idle, *done)["possible"] == ["redo", "show", "cancel"]
    assert session_after(idle, *done, {"kind": "unjudged", "problem": problem})["possible"][-2:] == ["judge", "cancel"]
    assert session_after(idle, *done, judged)["possible"] == ["redo", "show", "store", "cancel"]
    storing = session_after(idle, *done, judged, {"kind": "busy"})
    assert (storing["phase"], storing["possible"]) == ("storing", [])
    failed = session_after(idle, *done, judged, {"kind": "busy"}, {"kind": "failed", "problem": problem})
    assert (failed["phase"], failed["failed"]) == ("shown", problem)
    stored = {"glove": "blue", "version": 1, "missing": []}
    kept = session_after(idle, *done, judged, {"kind": "busy"}, {"kind": "stored", "stored": stored})
    assert kept["possible"] == ["show", "cancel"]
    cancelled = session_after(idle, {"kind": "hand", "hand": "left"}, *done, {"kind": "cancel"})
    assert (cancelled["phase"], cancelled["hand"], cancelled["frames"]) == ("start", "left", {})


def test_a_session_asks_for_every_step_once_in_any_order(idle: Page) -> None:
    """Whatever is shown, skipped and chosen again: the next step is one that was neither shown nor skipped."""
    jumps = st.sampled_from(STEPS).map(lambda step: {"kind": "show", "step": step})
    choices = st.sampled_from([_TAKEN, _SKIP])

    @given(st.lists(st.tuples(st.none() | jumps, choices), max_size=14))
    @settings(max_examples=40, deadline=None, database=None)
    def check(chosen: list[tuple[dict[str, Any] | None, dict[str, Any]]]) -> None:
        events, now, states = [_BEGIN], STEPS[0], dict.fromkeys(STEPS, "open")
        for jump, choice in chosen:
            if jump is not None:
                events.append(jump)
                now = jump["step"]
            if now is None:
                break
            events.append(choice)
            states[now] = "shown" if choice is _TAKEN else "skipped"
            at = STEPS.index(now) + 1
            order = [*STEPS[at:], *STEPS[:at]]
            now = next((step for step in order if states[step] == "open"), None)
        session = session_after(idle, *events)
        assert session["step"] == now
        expected = {step: "current" if step == now else state for step, state in states.items()}
        assert dict(zip(STEPS, session["states"], strict=True)) == expected
        assert set(session["frames"]) == {step for step, state in states.items() if state == "shown"}

    check()
