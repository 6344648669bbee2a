"""The simulated hand of the firmware in C: the table of letters, and the times of the emulator's hand.

    python -m firmware_bridge.emulator.letters_in_c firmware_bridge/firmware/boards/simulated

writes `letters.h` and `letters.c` there.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from firmware_bridge.emulator.glove_model import (
    ADC_MAX,
    HOLD_S,
    MOVE_S,
    REST_S,
)
from scaleglove.channels import ANGLES, CHANNELS, FLEX
from scaleglove.letter_templates import LetterTemplates, load_templates, neutral_shape
from scaleglove.vocabulary import load_vocabulary

_MADE: Final = "/* Made by `python -m firmware_bridge.emulator.letters_in_c`; do not edit. */\n"
_YAW: Final = CHANNELS.index("yaw")


def header() -> str:
    """Return `letters.h`: a name for each letter in the order of the Korean vocabulary, and the times of the hand."""
    names = "".join(f"    {_name(letter)}, /* {letter} */\n" for letter in load_vocabulary("korean").names)
    return f"""{_MADE}#ifndef SG_LETTERS_H
#define SG_LETTERS_H

#include "board.h"

enum sg_letter {{
{names}    SG_NO_LETTER,
}};

#define SG_MOVE_US {_microseconds(MOVE_S)} /* from one letter to the next */
#define SG_HOLD_US {_microseconds(HOLD_S)} /* at each letter */
#define SG_REST_US {_microseconds(REST_S)} /* at the start */
#define SG_ADC_MAX {ADC_MAX:.1f}f

struct sg_hand_shape {{
    float flex[SG_FINGERS];  /* ADC counts */
    float angles[3];         /* degrees: pitch, roll, yaw */
    float noise[SG_FINGERS]; /* standard deviation of the flex readings, ADC counts */
}};

extern const struct sg_hand_shape sg_hand_shapes[SG_NO_LETTER]; /* by letter */
extern const struct sg_hand_shape sg_hand_open;                 /* in the middle of all letters */
extern const struct sg_hand_shape sg_hand_rest;                 /* the same, pointing where yaw is 0 */

#endif
"""


def source(table: LetterTemplates) -> str:
    """Return `letters.c`: the numbers of `table`.

    The noise of angles is left out: it is that of a filter's output, and the simulated sensors stand before the filter.
    """
    shapes = "".join(
        f"    [{_name(letter)}] =\n        {_shape(figures.mean, figures.spread)},\n"
        for letter, figures in table.letters.items()
    )
    neutral = neutral_shape(table)
    rest = neutral.copy()
    rest[_YAW] = 0.0
    noise = np.median([figures.spread for figures in table.letters.values()], axis=0)
    return f"""{_MADE}/* {table.source} */
#include "letters.h"

const struct sg_hand_shape sg_hand_shapes[SG_NO_LETTER] = {{
{shapes}}};

const struct sg_hand_shape sg_hand_open =
    {_shape(neutral, noise)};

const struct sg_hand_shape sg_hand_rest =
    {_shape(rest, noise)};
"""


def _microseconds(seconds: float) -> str:
    return f"{round(1e6 * seconds)}u"


def _name(letter: str) -> str:
    return "SG_" + unicodedata.name(letter).removeprefix("HANGUL LETTER ")


def _shape(means: Iterable[float], spreads: Iterable[float]) -> str:
    mean, spread = list(means), list(spreads)
    parts = (mean[FLEX], mean[ANGLES], spread[FLEX])
    return "{" + ", ".join("{" + ", ".join(f"{figure:.2f}f" for figure in part) + "}" for part in parts) + "}"


def write(folder: Path) -> None:
    """Write both files into `folder`."""
    (folder / "letters.h").write_text(header(), encoding="utf-8")
    (folder / "letters.c").write_text(source(load_templates()), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
