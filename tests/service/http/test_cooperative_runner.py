from __future__ import annotations

import asyncio

from service.http.cooperative_runner import CooperativeRunner, Slices
from tests.service.slices import run_slices


def work(name: str, slices: int, diary: list[str]) -> Slices[str]:
    for _ in range(slices - 1):
        diary.append(name)
        yield
    diary.append(name)
    return name


def test_result_without_rest() -> None:
    diary: list[str] = []
    assert run_slices(work("a", 3, diary)) == "a"
    assert diary == ["a"] * 3


async def test_one_slice_in_each_iteration_of_the_loop() -> None:
    diary: list[str] = []
    runner = CooperativeRunner()

    async def tick() -> None:
        while True:
            diary.append("|")
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        jobs = [group.create_task(runner.finish(work(name, 20, diary))) for name in "abcd"]
        assert await asyncio.gather(*jobs) == list("abcd")
        ticking.cancel()
    first, *iterations = "".join(diary).split("|")[1:]
    assert first == "abcd"  # the first slice of each: work of one slice does not wait
    assert all(len(slices) <= 1 for slices in iterations)
    assert {name: diary.count(name) for name in "abcd"} == dict.fromkeys("abcd", 20)
    last = {name: len(diary) - 1 - diary[::-1].index(name) for name in "abcd"}
    assert max(last.values()) - min(last.values()) <= 12  # they finish together, in fair order


async def test_a_cancelled_caller_does_not_block_others() -> None:
    diary: list[str] = []
    runner = CooperativeRunner()
    leaving = asyncio.create_task(runner.finish(work("a", 1000, diary)))
    staying = asyncio.create_task(runner.finish(work("b", 50, diary)))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "b"
    assert diary.count("a") < 10
