from __future__ import annotations

import asyncio

from service.http.cooperative_runner import CooperativeRunner, Slices
from tests.service.slices import run_slices


def work(name: str, steps: int, diary: list[str]) -> Slices[str]:
    for _ in range(steps - 1):
        diary.append(name)
        yield
    diary.append(name)
    return name


def test_result_without_rest() -> None:
    diary: list[str] = []
    assert run_slices(work("a", 3, diary)) == "a"
    assert diary == ["a"] * 3


async def test_one_step_in_each_turn_of_the_loop_whoever_asked() -> None:
    diary: list[str] = []
    turns = CooperativeRunner()

    async def tick() -> None:
        while True:
            diary.append("|")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        jobs = [group.create_task(turns.finish(work(name, 20, diary))) for name in "abcd"]
        assert await asyncio.gather(*jobs) == list("abcd")
        ticking.cancel()
    first, *turn = "".join(diary).split("|")[1:]
    assert first == "abcd"  # the first step of each: what has only one waits for nobody
    assert all(len(steps) <= 1 for steps in turn)
    assert {name: diary.count(name) for name in "abcd"} == dict.fromkeys("abcd", 20)
    last = {name: len(diary) - 1 - diary[::-1].index(name) for name in "abcd"}
    assert max(last.values()) - min(last.values()) <= 12  # they finish together: nobody overtakes


async def test_who_leaves_holds_nobody_up() -> None:
    diary: list[str] = []
    turns = CooperativeRunner()
    leaving = asyncio.create_task(turns.finish(work("a", 1000, diary)))
    staying = asyncio.create_task(turns.finish(work("b", 50, diary)))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "b"
    assert diary.count("a") < 10
