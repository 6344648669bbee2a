"""Alerts and dashboard: valid, and about metrics that the service has."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from tests.conftest import ROOT
from tests.deadlines import RUN_S
from tests.deploy.promql import family_of, labels_of, metrics_of
from tests.deploy.proxies import system_program
from tests.end_to_end.conftest import commands
from tests.live_service import few_models, live_service

PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
DASHBOARD: Final = json.loads((ROOT / "deploy" / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
PANELS: Final[list[dict[str, Any]]] = DASHBOARD["panels"]
RULES: Final = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]

EXPRESSIONS: Final = {
    **{f"alert {rule['alert']}": rule["expr"] for rule in RULES},
    **{
        f"panel {panel['title']} {target['refId']}": target["expr"]
        for panel in PANELS
        for target in panel.get("targets", ())
    },
}


def promtool(*arguments: str | Path) -> str:
    """Run promtool and return what it prints; fail where it fails."""
    command = [system_program("promtool", "prometheus"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def exposed(url: str) -> set[str]:
    """Return the names of a running service's metrics."""
    text = httpx.get(f"{url}/metrics").text
    return set(re.findall(r"^(?:# TYPE )?([a-z]\w*)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def names() -> Iterator[set[str]]:
    """Yield the names of the metrics of a service with one worker and of one with two."""
    with live_service() as server:
        alone = exposed(server.url)
    with commands() as start:
        options = ("--port", "0", "--workers", "2", "--models-dir", str(few_models()), "--log-level", "warning")
        yield alone | exposed(start("serve", *options).line().rpartition(" ")[2])


@pytest.fixture(scope="module")
def labels() -> dict[str, set[str]]:
    """Return the labels of each metric, as the guide lists them."""
    guide = (ROOT / "docs" / "guide" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`(?:scaleglove|process)_[^|]*) \| ([^|]*) \|", guide, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", given)) for text, given in rows for name in re.findall(r"`(\w+)`", text)}


def test_prometheus_takes_its_files() -> None:
    assert "valid prometheus config" in promtool("check", "config", "--syntax-only", PROMETHEUS / "prometheus.yml")
    assert f"{len(RULES)} rules found" in promtool("check", "rules", PROMETHEUS / "alerts.yml")


def test_alerts_fire_when_they_should_and_only_then() -> None:
    assert "SUCCESS" in promtool("test", "rules", PROMETHEUS / "alerts_test.yml")
    tested = (PROMETHEUS / "alerts_test.yml").read_text(encoding="utf-8")
    assert all(rule["alert"] in tested for rule in RULES)


def test_every_query_of_the_dashboard_is_one(tmp_path: Path) -> None:
    values = {"$__rate_interval": "1m", "$instance": ".*"}
    rules = []
    for number, expression in enumerate(EXPRESSIONS.values()):
        for name, value in values.items():
            expression = expression.replace(name, value)  # noqa: PLW2901 - Grafana does the same
        rules.append({"record": f"query:{number}", "expr": expression})
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    assert f"{len(rules)} rules found" in promtool("check", "rules", tmp_path / "rules.yml")


@pytest.mark.parametrize("query", EXPRESSIONS)
def test_queries_name_only_metrics_and_labels_that_there_are(
    query: str, names: set[str], labels: dict[str, set[str]]
) -> None:
    asked = metrics_of(EXPRESSIONS[query])
    assert asked
    for metric in asked - {"up"}:
        assert metric in names or (family_of(metric) in names and family_of(metric) != metric), metric
    known = set().union(*(labels.get(family_of(metric), set()) for metric in asked))
    assert labels_of(EXPRESSIONS[query]) <= known


def test_every_metric_is_on_the_dashboard(names: set[str]) -> None:
    shown = {
        family_of(name) for panel in PANELS for each in panel.get("targets", ()) for name in metrics_of(each["expr"])
    }
    own = {family_of(name) for name in names if name.startswith("scaleglove_") and not name.endswith("_created")}
    assert own - shown == set()


def test_no_two_panels_share_a_place() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


@pytest.mark.parametrize(
    ("expression", "metrics", "labels"),
    [
        ('up{job="scaleglove"} == 0', {"up"}, set()),
        (
            'sum by (le, code) (rate(scaleglove_x_bucket{a=~"b|c", instance="i"}[5m]))',
            {"scaleglove_x_bucket"},
            {"a", "code"},
        ),
        ("sum(scaleglove_a) / sum(process_b) or vector(0)", {"scaleglove_a", "process_b"}, set()),
    ],
)
def test_names_are_found_in_queries(expression: str, metrics: set[str], labels: set[str]) -> None:
    assert (metrics_of(expression), labels_of(expression)) == (metrics, labels)
