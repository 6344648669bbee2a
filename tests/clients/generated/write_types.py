"""Writes the generated types of the JavaScript client: `python -m tests.clients.generated.write_types`.

They are what openapi-typescript makes of the classes of `scaleglove.protocol` and of the service's OpenAPI document.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic import TypeAdapter

from scaleglove.protocol import CLIENT_MESSAGES, SERVER_MESSAGES
from service.app import create_app
from service.settings import Settings
from tests.clients.generated.tools import npm_tool
from tests.conftest import ROOT
from tests.live_service import few_models

CLIENT: Final = ROOT / "clients" / "javascript"
FILES: Final = ("messages.d.ts", "answers.d.ts")
ANSWERS: Final = ("Answer", "StreamInfo", "AddedExample", "Doubts", "KeptWords")

_REFERENCE: Final = "#/components/schemas/"


def message_schemas() -> dict[str, Any]:
    """Return the schemas of all messages. Those of the service say which fields are always sent."""
    kinds = {kind.__name__: kind for kind in (*CLIENT_MESSAGES, *SERVER_MESSAGES)}
    adapters = [(name, "validation", TypeAdapter(kind)) for name, kind in kinds.items()]
    schemas: dict[str, Any] = TypeAdapter.json_schemas(adapters, ref_template=_REFERENCE + "{model}")[1]["$defs"]  # type: ignore[arg-type]
    for name, schema in schemas.items():
        schema.pop("description", None)
        if name not in kinds or kinds[name] in SERVER_MESSAGES:
            optional = getattr(kinds.get(name), "optional_fields", ())
            schema["required"] = [field for field in schema["properties"] if field not in optional]
        else:
            schema["required"] = ["type", *(field for field in schema.get("required", ()) if field != "type")]
    served = [{"$ref": _REFERENCE + kind.__name__} for kind in SERVER_MESSAGES]
    return {"OfServer": {"oneOf": served}, **schemas}


def answer_schemas() -> dict[str, Any]:
    """Return the schemas of the answers that the client returns, with those that they use."""
    app = create_app(Settings(_env_file=None, models_dir=few_models()))
    every = app.openapi()["components"]["schemas"]
    found: dict[str, Any] = {}
    waiting = list(ANSWERS)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = {key: value for key, value in every[name].items() if key != "description"}
            waiting += re.findall(rf"{_REFERENCE}(\w+)", json.dumps(every[name]))
    return found


def write_types(folder: Path) -> None:
    """Write both files into a folder."""
    for file, schemas in zip(FILES, (message_schemas(), answer_schemas()), strict=True):
        document = {
            "openapi": "3.1.0",
            "info": {"title": file, "version": "1"},
            "paths": {},
            "components": {"schemas": _untitled(schemas)},
        }
        with TemporaryDirectory() as scratch:
            described = Path(scratch) / "document.json"
            described.write_text(json.dumps(document), encoding="utf-8")
            command = [*npm_tool("openapi-typescript"), str(described), "--default-non-nullable=false", "--output"]
            subprocess.run([*command, str(folder / file)], check=True, capture_output=True)


def _untitled(node: Any) -> Any:
    """Return a schema without titles, which only repeat names; a field may itself be called `title`."""
    if isinstance(node, dict):
        return {key: _untitled(part) for key, part in node.items() if not (key == "title" and isinstance(part, str))}
    return [_untitled(part) for part in node] if isinstance(node, list) else node


if __name__ == "__main__":
    write_types(CLIENT)
