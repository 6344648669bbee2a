"""The Kubernetes manifests: valid, and in agreement with the service, the image and each other."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from pydantic import ValidationError

from service.settings import Settings
from tests.conftest import ROOT
from tests.deadlines import RUN_S
from tests.deploy.kustomize import build, read
from tests.deploy.proxies import system_program
from tests.deploy.test_monitoring import promtool
from tests.live_service import live_service

MANIFESTS: Final = ROOT / "deploy" / "kubernetes"
PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
VARIANTS: Final = ("one", "many")
NEWEST_AND_OLDEST: Final = ("1.37", "1.29")
"""Of Kubernetes: the newest that the validator knows, and three years before it."""
OLDEST_KUBECTL: Final = (1, 21)
"""The first that has kustomize 4: docs/guide/kubernetes.md."""


@cache
def built(variant: str) -> dict[str, Any]:
    """Return the resources of a variant by their kinds."""
    return {resource["kind"]: resource for resource in build(MANIFESTS / variant)}


@pytest.fixture(params=VARIANTS)
def resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    return built(request.param)


@pytest.fixture
def pod(resources: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = resources["Deployment"]["spec"]["template"]["spec"]
    return spec


@pytest.fixture
def container(pod: dict[str, Any]) -> dict[str, Any]:
    [found] = pod["containers"]
    return dict(found)


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with live_service() as server:
        yield server.url


@pytest.mark.parametrize("version", NEWEST_AND_OLDEST)
def test_kubernetes_takes_every_resource(resources: dict[str, Any], version: str) -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="no kubernetes-validate: pip install -e '.[dev]'")
    for resource in resources.values():
        validator.validate(resource, version, strict=True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_kubectl_builds_what_the_tests_compare(variant: str) -> None:
    """Debian 12's kubectl is too old for one of the variants, and has to say so."""
    kubectl = system_program("kubectl", "kubernetes-client")
    command = [kubectl, "kustomize", str(MANIFESTS / variant)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
    if variant == "many" and kubectl_version(kubectl) < OLDEST_KUBECTL:
        assert (done.returncode, done.stdout) == (1, "")
        return
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # such as a warning about a field that will go
    made = {resource["kind"]: resource for resource in yaml.safe_load_all(done.stdout)}
    assert in_order(made) == in_order(built(variant))


def kubectl_version(kubectl: str) -> tuple[int, int]:
    """Return the major and the minor version, such as "1" and "32+"."""
    command = [kubectl, "version", "--client", "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=True)
    found = json.loads(done.stdout)["clientVersion"]
    return int(found["major"]), int(found["minor"].rstrip("+"))


def in_order(value: Any) -> Any:
    """Return a value whose lists of named things are in the order of their names: a merge may change it."""
    if isinstance(value, dict):
        return {name: in_order(each) for name, each in value.items()}
    if isinstance(value, list):
        things = [in_order(each) for each in value]
        is_named = all(isinstance(thing, dict) and "name" in thing for thing in things)
        return sorted(things, key=lambda thing: thing["name"]) if is_named else things
    return value


def test_a_word_of_kustomize_that_is_not_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("namePrefix: my-\nresources: []\n")
    with pytest.raises(ValueError, match="namePrefix"):
        build(tmp_path)


def test_the_variants_are_what_they_say() -> None:
    one, many = built("one"), built("many")
    assert set(one) == {"ConfigMap", "Deployment", "Service", "Ingress", "NetworkPolicy", "PersistentVolumeClaim"}
    more = {"HorizontalPodAutoscaler", "PodDisruptionBudget"}
    assert set(many) == set(one) - {"PersistentVolumeClaim"} | more
    assert (one["Deployment"]["spec"]["replicas"], one["Deployment"]["spec"]["strategy"]) == (1, {"type": "Recreate"})
    assert "replicas" not in many["Deployment"]["spec"]
    volumes = {
        volume["name"]: set(volume) - {"name"} for volume in many["Deployment"]["spec"]["template"]["spec"]["volumes"]
    }
    assert volumes["wearers"] == {"emptyDir"}


def test_resources_find_each_other(resources: dict[str, Any], container: dict[str, Any]) -> None:
    deployment = resources["Deployment"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == labels == resources["Service"]["spec"]["selector"]
    assert resources["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    [port] = container["ports"]
    [offered] = resources["Service"]["spec"]["ports"]
    assert offered["targetPort"] == port["name"]
    [rule] = resources["Ingress"]["spec"]["rules"]
    [path] = rule["http"]["paths"]
    assert path["backend"]["service"] == {
        "name": resources["Service"]["metadata"]["name"],
        "port": {"name": offered["name"]},
    }
    assert resources["Ingress"]["spec"]["tls"][0]["hosts"] == [rule["host"]]
    if budget := resources.get("PodDisruptionBudget"):
        assert budget["spec"]["selector"]["matchLabels"] == labels
        target = resources["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("Deployment", resources["Deployment"]["metadata"]["name"])


def test_probes_are_answered(container: dict[str, Any], service: str) -> None:
    """The kubelet asks under the address of the pod."""
    port = urlsplit(service).port
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["port"] == container["ports"][0]["name"]
        answer = httpx.get(service + asked["path"], headers={"Host": f"10.1.2.3:{port}"})
        assert answer.status_code == 200
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"  # one that loads models is alive


def test_settings_are_those_of_the_service(resources: dict[str, Any], container: dict[str, Any]) -> None:
    given = dict(resources["ConfigMap"]["data"])
    names = {*given, *(variable["name"] for variable in container["env"])}
    assert names <= {f"SCALEGLOVE_{name.upper()}" for name in Settings.model_fields}
    Settings(_env_file=None, **{name.removeprefix("SCALEGLOVE_").lower(): value for name, value in given.items()})
    assert container["args"][0] == "serve"
    options = {name.removeprefix("--").replace("-", "_") for name in container["args"][1::2]}
    assert options <= set(Settings.model_fields)
    assert container["ports"][0]["containerPort"] == Settings.model_fields["port"].default


def test_no_variable_of_kubernetes_is_taken_for_a_setting(
    pod: dict[str, Any], resources: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pod["enableServiceLinks"] is False
    monkeypatch.setenv(f"{resources['Service']['metadata']['name'].upper()}_PORT", "tcp://10.0.0.1:80")
    with pytest.raises(ValidationError, match="port"):
        Settings(_env_file=None)


def test_a_pod_may_do_no_more_than_the_image_needs(pod: dict[str, Any], container: dict[str, Any]) -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    [user] = re.findall(r"useradd .*--uid (\d+)", image)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    [state] = re.findall(r"install -d -o scaleglove -m 700 (\S+)", image)
    assert written == {"/tmp", state}


def test_a_pod_has_time_to_say_goodbye(pod: dict[str, Any], container: dict[str, Any]) -> None:
    [sleep] = container["lifecycle"]["preStop"]["exec"]["command"][1:]
    stops_s = sum(
        float(value)
        for value in re.findall(
            r"^_(?:GRACE|CLOSE_STREAMS)_S: Final = ([\d.]+)", (ROOT / "service" / "server.py").read_text(), re.MULTILINE
        )
    )
    assert stops_s > 0
    assert pod["terminationGracePeriodSeconds"] >= int(sleep) + 2 * stops_s


def test_the_image_is_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [image] = read(MANIFESTS / "one" / "kustomization.yaml")["images"]
    assert image["newTag"] == project["version"]


def test_several_pods_share_a_database() -> None:
    [container] = built("many")["Deployment"]["spec"]["template"]["spec"]["containers"]
    [variable] = [one for one in container["env"] if one["name"] == "SCALEGLOVE_DATABASE_URL"]
    assert "secretKeyRef" in variable["valueFrom"]  # it has a password


def test_the_autoscaler_s_metric_is_one_of_the_service(service: str) -> None:
    [metric] = built("many")["HorizontalPodAutoscaler"]["spec"]["metrics"]
    name = metric["pods"]["metric"]["name"]
    assert re.search(rf"^{name} [\d.]+$", httpx.get(f"{service}/metrics").text, re.MULTILINE)
    [rule] = read(PROMETHEUS / "adapter.yml")["rules"]
    series, _, selector = rule["seriesQuery"].partition("{")
    assert series == name == rule["name"]["as"]
    assert re.fullmatch(rule["name"]["matches"], name)
    labels = set(rule["resources"]["overrides"])
    assert labels == set(re.findall(r'(\w+)!=""', selector))
    [job] = read(PROMETHEUS / "kubernetes.yml")["scrape_configs"]
    assert labels == {one["target_label"] for one in job["relabel_configs"] if "target_label" in one}


def test_prometheus_takes_the_job_for_kubernetes(tmp_path: Path, container: dict[str, Any]) -> None:
    """All but its discovery of pods, which Debian's build of Prometheus has not."""
    job = read(PROMETHEUS / "kubernetes.yml")["scrape_configs"][0]
    assert job.pop("kubernetes_sd_configs") == [{"role": "pod"}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": [job]}))
    promtool("check", "config", "--syntax-only", tmp_path / "prometheus.yml")
    [kept] = [one for one in job["relabel_configs"] if one.get("action") == "keep"]
    labels = built("one")["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert kept["regex"] == f"{labels['app.kubernetes.io/name']};{container['ports'][0]['name']}"
