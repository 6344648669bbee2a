"""Sentences about refused values speak of the value, and never in the words of pydantic or msgspec."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError, create_model

from scaleglove.protocol import WireError
from scaleglove.protocol.encoding import decode_text
from scaleglove.validation_faults import describe_fault
from service.http.bodies.json_body import VALIDATED_BYTES, JsonBody
from service.http.bodies.request import Limits
from service.problems import ProblemError
from tests.service.slices import run_slices

LIBRARY = ("Input should", "Field required", "should have at", "Extra inputs", "Expected `", "Object ", "Value error")


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (Annotated[list[float], Field(min_length=8)], [1, 2], "has 2 values; give at least 8"),
        (Annotated[list[float], Field(min_length=1)], [], "is empty; give at least one value"),
        (Annotated[list[float], Field(max_length=1)], [1, 2], "has 2 values; give at most 1"),
        (Annotated[str, Field(min_length=1)], "", "is empty; give at least one character"),
        (Annotated[str, Field(max_length=2)], "abc", "is too long; give at most 2 characters"),
        (Annotated[int, Field(ge=1)], 0, "is out of range; give at least 1"),
        (Annotated[float, Field(lt=1e6)], 2e6, "is out of range; give less than 1e+06"),
        (Annotated[float, Field(allow_inf_nan=False)], float("nan"), "is not finite; give a number"),
        (float, "one", "is not a number; give a number"),
        (int, 1.5, "has a fraction; give a whole number"),
        (list[int], 3, "is not a list; give a list"),
        (bool, "perhaps", "is not true or false; give true or false"),
        (Literal["a", "b"], "c", "is not one of the choices; give 'a' or 'b'"),
        (create_model("Thing", size=(int, ...)), {}, "is missing; give it"),
        (create_model("Thing", __config__={"extra": "forbid"}), {"size": 1}, "is not known here; leave it out"),
        (create_model("Thing"), [], "is not an object; give an object"),
    ],
)
def test_sentence(kind: Any, value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    assert describe_fault(refused.value.errors()[0]) == sentence


FRAME = "[1, 2, 3, 4, 5, 6, 7, 8]"


@pytest.mark.parametrize("size", [0, VALIDATED_BYTES], ids=["validated", "parsed by msgspec alone"])
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"windows": [[[1, 2]]]', "windows.0.0: has "),
        ('{"windows": [[]]', "windows.0: "),
        ('{"windows": [[["one", 2, 3, 4, 5, 6, 7, 8]]]', "windows.0.0.0: is not a number; give a number"),
        ('{"windows": [[[1e9, 2, 3, 4, 5, 6, 7, 8]]]', "windows.0.0.0: is out of range; give at most 1e+06"),
        ('{"windows": 3', "windows: is not a list; give a list"),
        (f'{{"windows": [[{FRAME}]], "top_k": 0', "top_k: is out of range; give at least 1"),
        (f'{{"windows": [[{FRAME}]], "model": 3', "model: is not text; give text"),
        (f'{{"windows": [[{FRAME}]], "modell": "a"', ""),
        ('{"top_k": 1', "windows: is missing; give it"),
    ],
)
def test_a_predict_request_is_refused_in_the_same_words_by_either_parser(body: str, sentence: str, size: int) -> None:
    padded = f"{body}{' ' * size}}}".encode()
    with pytest.raises(ProblemError) as refused:
        run_slices(JsonBody(Limits(2**20, 1000, 2000)).read(padded))
    assert refused.value.detail.startswith(sentence)
    assert not any(words in refused.value.detail for words in LIBRARY)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"type": "start"}', '{"type": "edit", "action": "x"}', "{", '{"type": "x"}']
)
def test_a_message_is_refused_without_the_words_of_the_library(text: str) -> None:
    with pytest.raises(WireError) as refused:
        decode_text(text)
    assert not any(words in refused.value.detail for words in LIBRARY)
