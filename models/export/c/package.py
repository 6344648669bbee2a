"""Package of an artefact: `sg_net.h` and `sg_net.c`, which need only each other and the C library."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from models.export.c import float32, integer
from models.export.c.glove import GLOVE, glove_source, own_glove_source, read_glove
from models.export.c.graph import TURNED, ExportError, Network, read_network
from models.export.c.readings import Arithmetic
from models.export.c.text import enumeration, string, wrapped
from models.runtime.kernel.weights import (
    BINS,
    FILTERS,
    HIDDEN,
    TRACE,
)
from scaleglove.atomic_file import atomic_write
from scaleglove.channels import CHANNELS
from scaleglove.scales import SCALES
from scaleglove.vocabulary import package_vocabulary_of

HEADER, SOURCE = "sg_net.h", "sg_net.c"

_ENGINE: Final = Path(__file__).parent / "engine"
_BLOCK: Final = 8
"""Frames that are computed together in a window: four steps for each load of a weight."""
_MAX_LABEL_BYTES: Final = 108
"""The longest remark of a glove (docs/reference/link.md) without `label=199; `."""
_CONSTANTS: Final = {"float32": float32.constants, "integer": integer.constants}


def export_package(artefact: Path, folder: Path, arithmetic: Arithmetic, glove: Path | None = None) -> None:
    """Write the package of the artefact into `folder`, and the front end of the exported glove in the file `glove`; by
    default that of the training's own glove, where it reads in another unit than counts.

    Raises:
        ArtefactError: the file is not an artefact.
        ExportError: the graph is not known, or the glove cannot be read.
        OSError: the files cannot be written.
    """
    network = read_network(artefact)
    files = make_package(network, arithmetic)
    front_end = own_glove_source(network) if glove is None else glove_source(*read_glove(glove), network)
    if front_end is None:
        (folder / GLOVE).unlink(missing_ok=True)  # of an export before, for a glove that is not named now
    else:
        files[GLOVE] = front_end
    for name, text in files.items():
        with atomic_write(folder / name) as draft:
            draft.write_text(text, encoding="utf-8")


def make_package(network: Network, arithmetic: Arithmetic) -> dict[str, str]:
    """Return the text of each file by its name."""
    return {HEADER: _header(network, arithmetic), SOURCE: _source(network, arithmetic)}


def _banner(network: Network, arithmetic: Arithmetic) -> str:
    contract = network.contract
    return (
        f"/* {contract.name} {contract.version} in {arithmetic}, by `scaleglove export --target c`: do not edit.\n"
        f" * Made from the artefact with sha256 {network.digest}. */\n"
    )


def _header(network: Network, arithmetic: Arithmetic) -> str:
    sizes = {
        "CHANNELS": len(CHANNELS), "LABELS": len(network.contract.labels), "SCALES": len(SCALES),
        "WINDOW_FRAMES": network.contract.window_frames, "SAMPLE_RATE_HZ": network.contract.sample_rate_hz,
        "MIN_FRAMES": network.contract.min_frames, "FEATURES": FILTERS * len(SCALES), "HIDDEN": HIDDEN,
        **({"NEWEST_FRAMES": network.encoding.newest_frames, "TURNED": TURNED} if network.encoding else {}),
        "LAYERS": len(network.layers), "RECENT_STEPS": network.recent_steps, "REACH": max(SCALES) // 2, "BLOCK": _BLOCK,
    }  # fmt: skip
    return "\n".join(
        [
            _banner(network, arithmetic) + "#ifndef SG_NET_H\n#define SG_NET_H\n",
            "#include <stdbool.h>\n#include <stdint.h>\n",
            enumeration({f"SG_NET_{name}": int(size) for name, size in sizes.items()}),
            _vocabulary(network),
            _engine(f"{arithmetic}/types.h"),
            _engine("sg_net.h").replace("@FRAMES@", _engine("encoded.h" if network.encoding else "plain.h")),
            "#endif\n",
        ]
    )


def _source(network: Network, arithmetic: Arithmetic) -> str:
    functions = "hard" if network.hard else "soft"
    advance = "reset_after" if network.reset_after else "reset_before"
    includes = ("stddef", "string") if arithmetic == "integer" else ("math", "stddef", "string")
    encoding = [f"{arithmetic}/encoding", "encoded"] if network.encoding else ["plain"]
    multiply = ["integer/multiply"] if arithmetic == "integer" else []
    if network.encoding and multiply:
        multiply.append("integer/multiply_encoded")
    before = [f"{arithmetic}/functions", *multiply, f"{arithmetic}/product", "layers"]
    after = [
        f"{arithmetic}/{functions}",
        f"{arithmetic}/frames",
        *encoding,
        "recurrence",
        advance,
        f"{arithmetic}/shares",
    ]
    return "".join(
        [
            _banner(network, arithmetic),
            f'#include "{HEADER}"\n\n' + "".join(f"#include <{name}.h>\n" for name in includes) + "\n",
            _sizes(network) + "\n",
            *(_engine(f"{name}.c") for name in before),
            "\n" + _labels(network) + "\n",
            _CONSTANTS[arithmetic](network),
            *(_engine(f"{name}.c") for name in (*after, "answer", "importance", "flow")),
        ]
    )


def _sizes(network: Network) -> str:
    """Return the sizes under short names, including those of the header."""
    shared = ("CHANNELS", "LABELS", "SCALES", "FEATURES", "HIDDEN", "LAYERS", "REACH", "BLOCK")
    own = {
        "FILTERS": FILTERS,
        "GATES": 3 * HIDDEN,
        "HEAD_LAYERS": len(network.head),
        "WIDEST": max(width for weight, _ in network.head for width in weight.shape),
        "ROWS": 1 + len(SCALES),
    }
    if network.encoding:
        own |= {
            "TURNED": TURNED, "TURNING": TURNED // 2, "PITCH": CHANNELS.index("pitch"), "BINS": BINS, "KNOTS": BINS + 1,
            "TRACE": TRACE, "PAIRS": len(CHANNELS) + TURNED // 2, "PLACES": max(SCALES),
            "HEAD_INPUTS": network.head[0][0].shape[1],
        }  # fmt: skip
    values = [f"{name} = SG_NET_{name}" for name in shared] + [f"{name} = {value}" for name, value in own.items()]
    return f"typedef sg_net_value value;\n\nenum {{\n{wrapped(values)}}};\n"


def _vocabulary(network: Network) -> str:
    """Return the name of the labels where they are a vocabulary of the package; a glove says any others by themselves.

    Raises:
        ExportError: a label is longer than a glove can say.
    """
    labels = network.contract.labels
    name = package_vocabulary_of(labels)
    if name is not None:
        return f"#define SG_NET_VOCABULARY {string(name)} /* scaleglove's name of the labels */\n"
    for label in labels:
        if len(label.encode()) > _MAX_LABEL_BYTES:
            raise ExportError(f"the label {label} has more than {_MAX_LABEL_BYTES} bytes: a glove cannot send it")
    return "#define SG_NET_VOCABULARY 0 /* the labels have no name that readers know */\n"


def _labels(network: Network) -> str:
    return f"const char *const sg_net_labels[LABELS] = {{\n{wrapped(map(string, network.contract.labels))}}};\n"


def _engine(name: str) -> str:
    return (_ENGINE / name).read_text(encoding="utf-8")
