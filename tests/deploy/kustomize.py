"""The manifests as `kubectl kustomize` builds them, for those words of kustomize that they use.

Debian 12 has kubectl 1.20, whose kustomize (2.0.3) refuses the patches of `many`, so tests of the manifests build them
here. `test_kubernetes.py` compares the result with that of the kubectl that is installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

Resource = dict[str, Any]

_WORDS: Final = {"apiVersion", "kind", "resources", "patches", "images"}

_MERGED_BY_NAME: Final = {"containers", "env", "volumes"}
"""Lists that a strategic merge patch completes, of those that the patches have; it replaces any other list."""


def read(path: Path) -> Any:
    """Return what a file of one YAML document holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def build(folder: Path) -> list[Resource]:
    """Return the resources of a folder with a `kustomization.yaml`.

    Raises:
        ValueError: it uses a word that is not known here.
    """
    steps = read(folder / "kustomization.yaml")
    if unknown := set(steps) - _WORDS:
        raise ValueError(f"{folder.name}: {sorted(unknown)} cannot be built here")
    resources = [resource for name in steps["resources"] for resource in _resources(folder / name)]
    for patch in steps.get("patches", ()):
        change = read(folder / patch["path"]) if "path" in patch else yaml.safe_load(patch["patch"])
        target = patch.get("target") or {"kind": change["kind"], "name": change["metadata"]["name"]}
        [index] = [number for number, one in enumerate(resources) if _named(one) == target]
        changed = _remove(resources[index], change) if isinstance(change, list) else _merge(resources[index], change)
        resources[index : index + 1] = [] if changed is None else [changed]
    for image in steps.get("images", ()):
        for resource in resources:
            _set_image(resource, image)
    return resources


def _resources(path: Path) -> list[Resource]:
    return build(path) if path.is_dir() else [read(path)]


def _named(resource: Resource) -> dict[str, str]:
    return {"kind": resource["kind"], "name": resource["metadata"]["name"]}


def _remove(resource: Resource, operations: list[dict[str, str]]) -> Resource:
    """Apply a JSON patch (RFC 6902) that only removes fields."""
    for operation in operations:
        if operation["op"] != "remove":
            raise ValueError(f"{operation['op']} cannot be built here")
        *parents, last = operation["path"].removeprefix("/").split("/")
        holder = resource
        for parent in parents:
            holder = holder[parent]
        del holder[last]
    return resource


def _merge(resource: Resource, change: Resource) -> Resource | None:
    """Apply a strategic merge patch; return None where it deletes the resource."""
    if change.get("$patch") == "delete":
        return None
    merged = dict(resource)
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = _merge(merged.get(name, {}), value)
        elif name in _MERGED_BY_NAME:
            merged[name] = _merge_by_name(merged.get(name, []), value)
        else:
            merged[name] = value
    return merged


def _merge_by_name(items: list[Resource], changes: list[Resource]) -> list[Resource | None]:
    by_name = {item["name"]: item for item in items}
    changed = {change["name"]: _merge(by_name.get(change["name"], {}), change) for change in changes}
    return list((by_name | changed).values())


def _set_image(resource: Resource, image: dict[str, str]) -> None:
    pod = resource.get("spec", {}).get("template", {}).get("spec", {})
    for container in pod.get("containers", ()):
        if container["image"] == image["name"]:
            container["image"] = f"{image['newName']}:{image['newTag']}"
