"""The front end of an exported glove as C: the same numbers, and clear errors for any other file."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from models.adaptation.front_end import FrontEnd
from models.adaptation.glove_profile import GloveProfile, front_end_of, profile_of
from models.export.c.glove import GLOVE, glove_source, read_glove
from models.export.c.graph import ExportError, read_network
from models.export.c.host import FLAGS
from models.export.c.package import HEADER, SOURCE, export_package
from models.export.measured_metadata import write_metadata
from models.runtime.readings import READINGS_KEY, encode
from scaleglove.content_digest import content_digest
from service.wearers.glove_archive import FILE, ExportedGlove, ExportedGloveProfile
from tests.firmware.builds import FIRMWARE, needs
from tests.firmware.core import FrontEnd as FrontEndInC
from tests.models.adaptation.test_front_end import turn
from tests.models.export.c.conftest import artefact_path_of
from tests.service.slices import run_slices

ARTEFACT = artefact_path_of("MSCSGRU_ScaleAware")
OTHER = FrontEnd(
    gain=np.array([0.25, -0.25, 0.25, -0.3, 1 / 64]),
    offset=np.array([-20.0, 1024.0, 30.0, 1200.0, 10.0]),
    rotation=turn(3),
)


def exported(path: Path, *profiles: GloveProfile, active: int | None = None) -> Path:
    """Write the export of a glove as the service does; the last profile is active unless another one is named."""
    stored = [
        ExportedGloveProfile(version=version, profile=profile.as_dict(), findings=[], created_at=0)
        for version, profile in enumerate(profiles, 1)
    ]
    glove = ExportedGlove(glove="blue", created_at=0, profiles=stored, active=active or len(profiles) or None)
    path.write_bytes(run_slices(FILE.pack(glove)))
    return path


def compiled(folder: Path) -> FrontEndInC:
    """Return the structure of `sg_glove.c`, compiled."""
    needs("gcc", "gcc")
    library = folder / "glove.so"
    command = ["gcc", *FLAGS, "-Werror", f"-I{FIRMWARE / 'core'}", "-fPIC", "-shared", str(folder / GLOVE)]
    subprocess.run([*command, "-o", str(library)], check=True)
    return FrontEndInC.in_dll(ctypes.CDLL(str(library)), "sg_front_end_of_board")


@pytest.mark.parametrize("missing", [(), ("flex2", "yaw")])
def test_the_c_has_the_numbers_of_the_front_end(tmp_path: Path, missing: Sequence[str]) -> None:
    network = read_network(ARTEFACT)
    assert network.readings is not None
    profile = profile_of(OTHER, network.readings, tuple(missing))
    export_package(ARTEFACT, tmp_path, "integer", exported(tmp_path / "blue.json", GloveProfile(), profile))
    wanted, found = front_end_of(profile, network.readings), compiled(tmp_path)
    for field in ("gain", "offset", "slope", "contact"):
        assert np.array_equal(np.ctypeslib.as_array(getattr(found, field)), getattr(wanted, field))
    for field in ("rotation", "neutral"):
        assert np.array_equal(np.ctypeslib.as_array(getattr(found, field)), getattr(wanted, field).astype(np.float32))
    assert (found.keeps_flex, found.keeps_lean) == (wanted.keeps_flex, wanted.keeps_lean)
    assert found.missing == (1 << 1 | 1 << 7 if missing else 0)


def test_an_export_without_a_glove_removes_an_earlier_one(tmp_path: Path) -> None:
    export_package(ARTEFACT, tmp_path, "integer", exported(tmp_path / "blue.json", GloveProfile()))
    assert {path.name for path in tmp_path.iterdir()} == {HEADER, SOURCE, GLOVE, "blue.json"}
    export_package(ARTEFACT, tmp_path, "integer")
    assert {path.name for path in tmp_path.iterdir()} == {HEADER, SOURCE, "blue.json"}


def test_the_active_profile_counts(tmp_path: Path) -> None:
    first, second = GloveProfile(hand="left"), GloveProfile()
    assert read_glove(exported(tmp_path / "a.json", first, second, active=1)) == ("blue", first)
    assert read_glove(exported(tmp_path / "b.json", first, second)) == ("blue", second)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"schema": "scaleglove.wearer"}, "schema"),
        ({"version": 2}, "version"),
        ({"content": None}, "not the export of a glove"),
        ({"content": {"glove": "blue", "active": None, "profiles": []}}, "no active profile"),
        ({"content": {"glove": "blue", "active": 1, "profiles": [{"version": 1}]}}, "profile"),
        ({"content": {"glove": "blue", "active": 1, "profiles": [{"version": 1, "profile": {}}]}}, "hand is missing"),
    ],
)
def test_another_file_is_refused_by_its_field(tmp_path: Path, change: dict[str, Any], error: str) -> None:
    path = exported(tmp_path / "blue.json", GloveProfile())
    document = orjson.loads(path.read_bytes()) | change
    if "content" in change:
        document["sha256"] = content_digest(document["content"])
    path.write_bytes(orjson.dumps(document))
    with pytest.raises(ExportError, match=error):
        read_glove(path)


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = exported(tmp_path / "blue.json", GloveProfile())
    path.write_bytes(path.read_bytes().replace(b'"right"', b'"left"'))
    with pytest.raises(ExportError, match="sha256"):
        read_glove(path)
    document = orjson.loads(path.read_bytes())
    document["sha256"] = content_digest(document["content"])
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))  # the layout is not the content
    assert read_glove(path)[1].hand == "left"


@pytest.mark.parametrize("text", [None, b"{", b"[]", b"\xff"])
def test_what_is_no_file_of_a_glove_is_one_error(tmp_path: Path, text: bytes | None) -> None:
    path = tmp_path / "glove.json"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(ExportError, match=r"glove\.json"):
        read_glove(path)


def test_an_artefact_without_readings_says_so() -> None:
    network = replace(read_network(ARTEFACT), readings=None)
    with pytest.raises(ExportError, match="does not carry"):
        glove_source("blue", GloveProfile(), network)


def test_a_name_cannot_end_the_comment() -> None:
    text = glove_source("*/ int x; /*", GloveProfile(), read_network(ARTEFACT))
    assert text.split("*/")[1].lstrip().startswith('#include "front_end.h"')


def test_the_unit_of_the_training_s_own_glove_is_written_where_it_is_not_counts(tmp_path: Path) -> None:
    shapes = np.random.default_rng(0).uniform(700, 900, (24, 8)).astype(np.float32)
    artefact = tmp_path / "own.onnx"
    artefact.write_bytes(ARTEFACT.read_bytes())
    write_metadata(artefact, {READINGS_KEY: encode(shapes, range(24), (2.0, 800.0))})
    export_package(artefact, tmp_path, "integer")
    found = compiled(tmp_path)
    assert (list(found.gain), list(found.offset), found.missing) == ([2.0] * 5, [800.0] * 5, 0)
    assert "the training's own glove" in (tmp_path / GLOVE).read_text(encoding="utf-8")
