"""Requests that are as heavy as one of their kind can be: valid ones at the limits, and hostile ones for every route
that reads a body. Pure."""

from __future__ import annotations

import gzip
import io
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import orjson

from scaleglove.channels import CHANNELS
from scaleglove.content_digest import content_digest
from scaleglove.letters import LETTERS
from service.wearers.limits import MAX_EXAMPLES, PROFILE_PART

_MIB: Final = 1 << 20
_BODY: Final = 8 * _MIB - 64
"""The default of `max_body_bytes`, less what is around a body here."""

_FILE: Final = 32 * _MIB
_JSON: Final = "application/json"
_RAW: Final = "application/octet-stream"
_PROFILE: Final = PROFILE_PART.bytes - 64
_FRAME: Final = [0] * len(CHANNELS)

BIG: Final = "big"
"""A wearer with as many examples as one may have."""


@dataclass(frozen=True, slots=True)
class HeavyRequest:
    """A request; its body is made when it is sent."""

    name: str
    method: str
    path: str
    body: Callable[[], bytes] = bytes
    kind: str = _JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeavyMessage:
    """A message of a second stream, before or after its start."""

    name: str
    payload: Callable[[], bytes]
    is_started: bool


def objects(size: int) -> bytes:
    """Return JSON that is cheap to send and dear to parse: an object in every three bytes."""
    return b"[%b{}]" % (b"{}," * ((size - 4) // 3))


def nested(size: int, depth: int = 251) -> bytes:
    """Return lists within lists, deeper than encoders go and less deep than parsers refuse."""
    part = b"[" * depth + b"]" * depth
    return b"[%b]" % b",".join([part] * (size // (len(part) + 1)))


def document(content: bytes, schema: str = "scaleglove.wearer") -> bytes:
    """Return the document of an export around `content`."""
    return b'{"schema":"%b","version":1,"sha256":"%b","content":%b}' % (schema.encode(), b"0" * 64, content)


def largest_export(name: str = BIG, profiles: int = 20) -> bytes:
    """Return the export of a wearer with as many examples as one may have, and profiles of all of them."""
    rng = np.random.default_rng(0)
    labels = [LETTERS[index % len(LETTERS)] for index in range(MAX_EXAMPLES)]
    shapes = {letter: rng.uniform([400] * 5 + [-90] * 3, [950] * 5 + [90] * 3) for letter in LETTERS}

    def text(values: np.ndarray) -> str:
        return b64encode(values.astype("<f4").tobytes()).decode()

    examples = [
        {
            "label": label,
            "window": text(shapes[label] + rng.normal(0, 4, (80, 8))),
            "sample_rate_hz": 50.0,
            "source": "posted",
            "quality": 1.0,
            "created_at": 1.0,
        }
        for label in labels
    ]
    made = [
        {
            "version": version,
            "model": "MSCSGRU",
            "model_version": "1",
            "artefact_sha256": "0" * 64,
            "labels": labels,
            "embeddings": text(rng.normal(0, 1, (MAX_EXAMPLES, 64))),
            "comparison": {"held_back": 0, "single": [], "before": None, "after": None},
            "decoder": None,
            "yaws": rng.uniform(-180, 180, MAX_EXAMPLES).round(2).tolist(),
            "created_at": 1.0,
        }
        for version in range(1, profiles + 1)
    ]
    content = {"wearer": name, "created_at": 1.0, "examples": examples, "profiles": made, "active": {"MSCSGRU": 1}}
    named = {"schema": "scaleglove.wearer", "version": 1, "sha256": content_digest(content), "content": content}
    return orjson.dumps(named)


def requests() -> Iterator[HeavyRequest]:
    """Yield the requests; those of the wearer BIG follow its import."""
    yield from _imports()
    yield from _frames()
    yield from _predictions()
    yield from _infers()
    yield from _of_big()
    for path in ("/openapi.json", "/asyncapi.json", "/metrics", "/v1/letters", "/v1/models", "/"):
        yield HeavyRequest(f"GET {path}", "GET", path)
    yield HeavyRequest("reload", "POST", "/v1/models/reload")


def messages() -> Iterator[HeavyMessage]:
    """Yield the messages, each of the size that the service takes."""
    size = 256 * 1024 - 16
    long = orjson.dumps({"type": "frames", "seq": 0, "t_ms": [*range(128)], "values": [_FRAME] * 128})
    many = b'{"type":"frames","seq":0,"t_ms":%b,"values":[]}' % objects(size - 64)
    values = b'{"type":"frames","seq":0,"t_ms":[0],"values":%b}' % objects(size - 64)
    for is_started in (False, True):
        when = "after" if is_started else "before"
        yield HeavyMessage(f"objects, {when} start", lambda: objects(size), is_started)
        yield HeavyMessage(f"nested, {when} start", lambda: nested(size - 600), is_started)
        yield HeavyMessage(f"objects as times, {when} start", lambda: many, is_started)
        yield HeavyMessage(f"objects as values, {when} start", lambda: values, is_started)
        yield HeavyMessage(f"128 frames, {when} start", lambda: long, is_started)


def _imports() -> Iterator[HeavyRequest]:
    wearer, glove = "/v1/wearers/import", "/v1/gloves/import"
    yield HeavyRequest("import: the largest export", "POST", f"{wearer}?replace=true", largest_export)
    yield HeavyRequest("import: objects", "POST", wearer, lambda: objects(_FILE))
    yield HeavyRequest("import: objects as content", "POST", wearer, lambda: document(objects(_FILE - 200)))
    examples = b'{"wearer":"x","created_at":1,"profiles":[],"active":{},"examples":%b}'
    yield HeavyRequest("import: objects as examples", "POST", wearer, lambda: document(examples % objects(_FILE - 300)))
    yield HeavyRequest("import: 251 levels", "POST", wearer, lambda: document(nested(600)))
    yield HeavyRequest("import: 251 levels throughout", "POST", wearer, lambda: document(nested(_FILE - 1000)))
    yield HeavyRequest("import: one string", "POST", wearer, lambda: document(b'"%b"' % (b"a" * (_FILE - 300))))
    yield HeavyRequest("import: escapes", "POST", wearer, lambda: document(b'"%b"' % (b"\\n" * (_FILE // 2 - 300))))
    for name, text in (("letters", b"a"), ("escapes", b"\\n"), ("quotes", b'\\"'), ("signs", "é".encode())):
        profile = b'{"embeddings":"%b"}' % (text * (_PROFILE // len(text)))
        yield HeavyRequest(f"import: {name} in profiles", "POST", wearer, partial(_profiles, profile))
    yield HeavyRequest("import: spaces", "POST", wearer, lambda: document(b" " * (_FILE - 300)))
    yield HeavyRequest("glove import: objects", "POST", glove, lambda: objects(_MIB))
    yield HeavyRequest(
        "glove import: as content", "POST", glove, lambda: document(objects(_MIB - 300), "scaleglove.glove")
    )
    yield HeavyRequest("glove import: 251 levels", "POST", glove, lambda: document(nested(600), "scaleglove.glove"))


def _profiles(profile: bytes) -> bytes:
    """Return a file with as many of a profile as it may have bytes for."""
    content = b'{"wearer":"x","created_at":1,"examples":[],"active":{},"profiles":[%b]}'
    return document(content % b",".join([profile] * (_FILE // len(profile))))


def _frames() -> Iterator[HeavyRequest]:
    """Yield the bodies with frames outside of predictions."""
    example, check, calibrate = f"/v1/wearers/{BIG}/examples", "/v1/glove-checks", "/v1/gloves/blue/calibrate"
    frames = orjson.dumps([[123.456789] * 8] * 2000)
    steps = ["open", "fist", "thumb", "index", "middle", "ring", "little", "up", "sideways", "down"]
    longest = orjson.dumps({"steps": {step: [[123.456789] * 8] * 3000 for step in steps}})
    yield HeavyRequest("create wearer: objects", "POST", "/v1/wearers", lambda: objects(4096))
    yield HeavyRequest("example: objects", "POST", example, lambda: objects(_BODY))
    yield HeavyRequest("example: objects as frames", "POST", example, lambda: b'{"frames":%b}' % objects(_BODY))
    many = orjson.dumps([_FRAME] * (_BODY // 18))
    yield HeavyRequest("example: too many frames", "POST", example, lambda: b'{"label":"rest","frames":%b}' % many)
    yield HeavyRequest("example: 2000 frames", "POST", example, lambda: b'{"label":"rest","frames":%b}' % frames)
    yield HeavyRequest("check: objects", "POST", check, lambda: objects(_BODY))
    yield HeavyRequest("check: too many frames", "POST", check, lambda: b'{"steps":{"open":%b}}' % many)
    yield HeavyRequest("check: 3000 frames of each step", "POST", check, lambda: longest)
    yield HeavyRequest("glove: objects as shapes", "POST", calibrate, lambda: b'{"shapes":%b}' % objects(_BODY))
    yield HeavyRequest("glove: 3000 frames of each step", "POST", calibrate, lambda: longest)


def _predictions() -> Iterator[HeavyRequest]:
    path = "/v1/predict"
    rng = np.random.default_rng(0)
    readings = rng.uniform(0, 900, (1024, 120, 8)).round(1)
    windows = orjson.dumps(readings.tolist())
    yield HeavyRequest("predict: 1024 windows", "POST", path, lambda: b'{"windows":%b,"top_k":24}' % windows)
    yield HeavyRequest("predict: objects", "POST", path, lambda: objects(_BODY))
    yield HeavyRequest("predict: objects as windows", "POST", path, lambda: b'{"windows":%b}' % objects(_BODY))
    yield HeavyRequest("predict: nested", "POST", path, lambda: b'{"windows":%b}' % nested(_BODY - 600))
    yield HeavyRequest("predict: spaces", "POST", path, lambda: b'{"windows":[%b1]}' % (b" " * _BODY))
    yield HeavyRequest("predict: one number", "POST", path, lambda: b'{"windows":[[[0.%b]]]}' % (b"1" * _BODY))
    frame = b"[%b]" % b",".join([b"0." + b"1" * 480] * 8)
    digits = b'{"windows":[[%b]]}' % b",".join([frame] * 2000)
    yield HeavyRequest("predict: many digits", "POST", path, lambda: digits)
    yield HeavyRequest("predict: 127 KiB of objects", "POST", path, lambda: b'{"windows":%b}' % objects(127 * 1024))
    small = b'{"windows":[%b]}' % b",".join([b"[[0,0,0,0,0,0,0,0]]"] * 1024)
    yield HeavyRequest("predict: 1024 short windows", "POST", path, lambda: small)
    packed = readings[:, :120].astype("<f4")
    yield HeavyRequest("predict: raw", "POST", f"{path}?frames=120&top_k=24", packed.tobytes, _RAW)
    yield HeavyRequest("predict: npy, columns first", "POST", path, lambda: _npy(np.asfortranarray(packed)), _RAW)
    bytes_ = np.asfortranarray(rng.integers(0, 100, (1024, 1000, 8), np.int8))
    yield HeavyRequest("predict: npy of int8, columns first", "POST", path, lambda: _npy(bytes_), _RAW)
    yield HeavyRequest(
        "predict: at another rate",
        "POST",
        f"{path}?frames=1000&sample_rate_hz=999",
        lambda: rng.uniform(0, 900, (256, 1000, 8)).astype("<f4").tobytes(),
        _RAW,
    )


def _bomb() -> bytes:
    """Return a small body that inflates to 1 GiB."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        for _ in range(1024):
            file.write(bytes(_MIB))
    return packed.getvalue()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _infers() -> Iterator[HeavyRequest]:
    path = "/v2/models/MSCSGRU_ScaleAware_Encoded/infer"
    flat = orjson.dumps(np.random.default_rng(0).uniform(0, 900, 1024 * 120 * 8).round(1).tolist())
    tensor = b'{"name":"frames","datatype":"FP32","shape":[1024,120,8],"data":%b}' % flat
    best = [{"name": name, "parameters": {"classification": 200}} for name in ("probabilities", "embedding")]
    wanted = json.dumps(best).encode()
    yield HeavyRequest("infer: 1024 windows", "POST", path, lambda: b'{"inputs":[%b]}' % tensor)
    yield HeavyRequest("infer: all as text", "POST", path, lambda: b'{"inputs":[%b],"outputs":%b}' % (tensor, wanted))
    packed = {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    yield HeavyRequest("infer: gzip", "POST", path, lambda: gzip.compress(b'{"inputs":[%b]}' % tensor), headers=packed)
    yield HeavyRequest("infer: gzip of 1 GiB", "POST", path, _bomb, headers=packed)
    yield HeavyRequest("infer: objects", "POST", path, lambda: objects(_BODY))
    yield HeavyRequest("infer: objects as inputs", "POST", path, lambda: b'{"inputs":%b}' % objects(_BODY))
    each = b'{"name":"","shape":0,"datatype":""}'
    many = b'{"inputs":[%b]}' % b",".join([each] * (_BODY // (len(each) + 1)))
    yield HeavyRequest("infer: many inputs", "POST", path, lambda: many)
    data = b'{"inputs":[{"name":"frames","datatype":"FP32","shape":[1024,120,8],"data":%b}]}'
    yield HeavyRequest("infer: objects as data", "POST", path, lambda: data % objects(_BODY))


def _of_big() -> Iterator[HeavyRequest]:
    """Yield what is done with a wearer of the most examples."""
    path = f"/v1/wearers/{BIG}"
    for name in ("", "/examples", "/profiles", "/guide", "/sitting", "/export"):
        yield HeavyRequest(f"GET of a large wearer{name}", "GET", path + name)
    yield HeavyRequest("delete an example of a large wearer", "DELETE", f"{path}/examples/1")
    example = orjson.dumps({"label": "ㄱ", "frames": [[700.0] * 5 + [0.0] * 3] * 80})
    yield HeavyRequest("add an example to a large wearer", "POST", f"{path}/examples", lambda: example)
    yield HeavyRequest("calibrate a large wearer", "POST", f"{path}/calibrate")
    window = orjson.dumps({"wearer": BIG, "windows": [[[700.0] * 5 + [0.0] * 3] * 80]})
    yield HeavyRequest("predict for a large wearer", "POST", "/v1/predict", lambda: window)
    yield HeavyRequest("list wearers", "GET", "/v1/wearers")
