"""Names in PromQL, as far as the files of `deploy/` use the language."""

from __future__ import annotations

import re
from typing import Final

_STRING: Final = re.compile(r'"[^"]*"')
_METRIC: Final = re.compile(r"\b((?:scaleglove|process)_\w+|up)\b(?!\s*\()")
_MATCHER: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPING: Final = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")

OF_SCRAPES: Final = {"instance", "job", "le", "namespace", "pod"}
"""Labels that Prometheus adds, and that of the bounds of a histogram."""


def metrics_of(expression: str) -> set[str]:
    """Return the names of the metrics in an expression."""
    plain = _STRING.sub('""', re.sub(r"\{[^}]*\}", "", expression))
    return set(_METRIC.findall(_GROUPING.sub("", plain)))


def labels_of(expression: str) -> set[str]:
    """Return the names of the labels in an expression that the service itself gives."""
    matchers = {name for braces in re.findall(r"\{([^}]*)\}", expression) for name in _MATCHER.findall(braces)}
    grouped = {name.strip() for names in _GROUPING.findall(expression) for name in names.split(",")}
    return (matchers | grouped) - OF_SCRAPES


def family_of(metric: str) -> str:
    """Return the name of a histogram for that of one of its series, and any other name as it is."""
    return re.sub(r"_(bucket|sum|count)$", "", metric)
