from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.path_prefix import MAX_PREFIX, PrefixError, parse_prefix
from service.settings import Settings
from tests.live_service import few_models
from tests.service.auth.test_require import NEEDED


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("", ""), ("/", ""), ("/gloves", "/gloves"), ("/gloves/", "/gloves"), ("/a/b-c_d.e~f", "/a/b-c_d.e~f")],
)
def test_a_prefix_has_one_spelling(text: str, prefix: str) -> None:
    assert parse_prefix(text) == prefix


@pytest.mark.parametrize(
    "text",
    [
        *("gloves", "//evil.example", "/a//b", "/..", "/a/../b", "/.", "/gloves//", "/a b", "/a?b", "/a#b", "/%2e%2e"),
        *("/장갑", "/<script>", "/a'b", "/a\\b", "/a\r\nb", "/" + MAX_PREFIX * "a", "https://evil.example/gloves"),
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(PrefixError):
        parse_prefix(text)


@given(st.text(st.sampled_from("/ab.-~%\\:?#<'\"@ \r\n한"), max_size=12))
def test_what_is_taken_stays_on_its_host_and_needs_no_quoting(text: str) -> None:
    try:
        prefix = parse_prefix(text)
    except PrefixError:
        return
    there = urlsplit(urljoin("https://gloves.example/x", f"{prefix}/v1/models"))
    assert (there.netloc, there.path) == ("gloves.example", f"{prefix}/v1/models")
    assert not set(prefix) & set("<>'\"&\\ ?#")


PATHS = [name.split()[1] for name in NEEDED]


@pytest.mark.parametrize(
    "first", sorted({path.split("/")[1] for path in PATHS} | {"docs", "client", "views", "main.js"})
)
def test_a_prefix_that_is_a_path_of_the_service_is_refused(first: str) -> None:
    with pytest.raises(PrefixError, match="choose another"):
        create_app(Settings(_env_file=None, models_dir=few_models(), root_path=f"/{first}/hall"))
