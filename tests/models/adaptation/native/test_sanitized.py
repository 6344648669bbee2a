"""The compiled scores under sanitizers: nothing is touched out of bounds, whatever the sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.adaptation.native import LIBRARY
from scaleglove.native.compiler import find_compiler
from tests.sanitized import FLAGS, run_sanitized

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from models.adaptation.native import LIBRARY
from models.adaptation.native.learned_scores import Terms
from models.adaptation.native.model_scores import ModelScores
from models.adaptation.native.user_scores import UserScores
from models.adaptation.scored import Scored
from tests.models.adaptation.native.cases import model_reference, outputs, user_reference
from tests.models.adaptation.native.test_scores import learned_of

np.seterr(all="ignore")
library = LIBRARY.load(Path(sys.argv[1]))
for seed in range(60):
    rng = np.random.default_rng(seed)
    classes, width = (511, 1022) if seed == 59 else (int(rng.integers(2, 40)), int(rng.integers(1, 130)))
    probabilities, embeddings = outputs(rng, classes, width)
    rows = len(embeddings)
    scored = ModelScores.of(model_reference(rng, classes, width).parts, library).score(probabilities, embeddings)
    own = UserScores.of(user_reference(rng, classes, width).arrays, library)
    own.score(probabilities[:, : rng.integers(0, classes + 1)], embeddings, rng.uniform(-180, 180, rows))
    own.score(probabilities, embeddings, None)
    rest = embeddings[: rng.integers(0, 2)]
    learned_of(rng, classes, width).compiled(rest, Terms(1, 1, 1), library).adjust(scored, embeddings)
print("ran to its end")
"""


def test_clean_under_sanitizers(tmp_path: Path) -> None:
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    LIBRARY.build(FLAGS, tmp_path)
    done = run_sanitized(SCRIPT, str(tmp_path))
    assert done.stdout == "ran to its end\n", done.stderr
