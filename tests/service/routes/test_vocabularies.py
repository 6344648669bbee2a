from __future__ import annotations

from typing import Any

import httpx

from scaleglove.vocabulary import Vocabulary, load_vocabulary, package_vocabularies


def test_the_vocabularies_of_the_package_are_handed_out(service: Any) -> None:
    handed = httpx.get(f"{service.url}/v1/vocabularies").json()["vocabularies"]
    assert [each["name"] for each in handed] == list(package_vocabularies())
    assert [Vocabulary.model_validate(each) for each in handed] == list(map(load_vocabulary, package_vocabularies()))
