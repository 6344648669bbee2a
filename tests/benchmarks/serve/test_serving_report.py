from __future__ import annotations

from benchmarks.machine import assign_cores
from benchmarks.report import Figure
from benchmarks.serve.serving_report import Report, page
from benchmarks.serve.time_profile import Profile

MORE = Figure("post", "POST 1 window, JSON", "requests/s", 500.0, 1200.0, 1400.0)
LESS = Figure("lone", "lone glove, p50", "ms", 1.2, 0.6, 0.8, higher_is_better=False)
NONE = Figure("workers", "two workers", "times", None, None, 1.9, note="there is no such setting")


def test_a_profile_accounts_for_all_of_the_time() -> None:
    profile = Profile("JSON", 100, 1000, 90.0, {"decode": 10.0, "model": 30.0}, None, 0.9)
    parts = profile.as_dict()["parts_us"]
    assert parts["socket and event loop"] == 50.0
    assert sum(parts.values()) == profile.cpu_us


def page_of(cores: list[int], others_share: float, figures: list[Figure], *profiles: Profile) -> str:
    report = Report("scaleglove bench serve", "a model", assign_cores(cores), others_share, figures, profiles)
    return "\n".join(page(report))


def test_the_page_shows_every_figure_and_remark() -> None:
    profile = Profile("1 frame a message, JSON", 100, 1000, 90.0, {"decode": 10.0, "model": 30.0}, 250.0, 0.9)
    text = page_of([0, 1], 0.01, [MORE, LESS, NONE], profile)
    assert "| POST 1 window, JSON, requests/s | 500 | 1,200 | 2.40x | 1,400 | missed by 14% | – |" in text
    assert "- two workers: there is no such setting" in text
    assert "| 1 frame a message, JSON | 100 | 10.0 | 30.0 | 50.0 | 90.0 | 90% | 250 |" in text
    assert "quiet machine" not in text
    assert "shared one core" not in text


def test_disturbances_are_reported() -> None:
    text = page_of([3], 0.2, [MORE])
    assert "client and server shared one core" in text
    assert "other programs took 20% of the cores" in text
