"""Commands `scaleglove export`, `card`, `prototypes`, `quantize` and `predict`."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import typer

from models.cli.options import (
    DEFAULT_MODEL,
    Folder,
    Json,
    ServedName,
    check_name,
    make_recipe,
    read_episodes,
    read_recordings,
)
from scaleglove.errors import ScaleGloveError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.adaptation.front_end import FrontEnd
    from models.adaptation.model_reference import ModelReference
    from models.runtime.artefact import Agreement, Artefact
    from models.runtime.contract import ModelContract
    from scaleglove.recordings import Episode, RecordingError

app = typer.Typer()

ARTEFACTS = Path(__file__).parent.parent / "artefacts"


@app.command()
def export(
    source: Annotated[Path, typer.Argument(help="checkpoint of `train`; for C or a GPU, an artefact (.onnx)")],
    out: Annotated[Path, typer.Option(help="artefact or graph to write (.onnx); for C, a folder")],
    target: Annotated[
        Literal["onnx", "c", "gpu"], typer.Option(help="artefact to serve, C99 for a chip, or the graph for a GPU")
    ] = "onnx",
    arithmetic: Annotated[Literal["float32", "integer"], typer.Option(help="numbers of the C source")] = "float32",
    glove: Annotated[
        Path | None,
        typer.Option(help="for C: file of `GET /v1/gloves/{glove}/export`, for a glove other than the training's"),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="report of `scaleglove evaluate --out`")] = None,
    version: Annotated[str, typer.Option(help="version of the artefact")] = "0.1.0",
    name: ServedName = "",
) -> None:
    """Export a checkpoint or an artefact.

    A checkpoint becomes the artefact that the service serves, with its card beside it. With --target c, an
    artefact becomes C sources that compute it on a microcontroller (docs/reference/chip.md), and with --target gpu the
    graph that other programs run on a GPU (docs/reference/gpu.md); the service makes that by itself.
    """
    if target == "c":
        from models.export.c.package import export_package

        export_package(source, out, arithmetic, glove)
    elif glove is not None:
        raise typer.BadParameter("a glove's front end goes with --target c alone", param_hint="--glove")
    elif target == "gpu":
        _export_for_gpu(source, out)
    else:
        _export_artefact(source, out, report, version, name)
    print(out)


def _export_for_gpu(source: Path, out: Path) -> None:
    from models.runtime.artefact import Artefact
    from models.runtime.gpu.unrolled import unroll
    from models.runtime.kernel.onnx_file import read_graph
    from scaleglove.atomic_file import atomic_write

    artefact = Artefact.load(source)
    graph = unroll(read_graph(artefact.read_again()), artefact.contract.window_frames)
    with atomic_write(out) as draft:
        draft.write_bytes(graph)


def _export_artefact(checkpoint: Path, out: Path, report: Path | None, version: str, name: str) -> None:
    from models.evaluation.card import write_card
    from models.evaluation.report import read_report, summary
    from models.export.onnx_export import export_network
    from models.training.checkpoint import Checkpoint
    from scaleglove.atomic_file import atomic_write

    if out.is_dir():
        raise typer.BadParameter(f"{out} is a folder", param_hint="--out")
    if not version.strip():
        raise typer.BadParameter("the version must not be empty", param_hint="--version")
    check_name(name)
    trained = Checkpoint.load(checkpoint)
    contract = trained.contract(version, summary(read_report(report), trained.recipe.model) if report else {}, name)
    with atomic_write(out) as draft:  # one that is refused replaces nothing
        export_network(trained.network, trained.normaliser, contract, draft)
        _write_measured(draft, trained.measured)
    write_card(out)


def _write_measured(artefact: Path, measured: Mapping[str, str]) -> None:
    """Write the prototypes of a training into its artefact; say where its recordings were too few for any.

    Raises:
        ArtefactError: they were, and without them nothing says in which unit the training's glove reads.
    """
    from models.export.measured_metadata import write_metadata
    from models.runtime.artefact import ArtefactError
    from models.runtime.readings import READINGS_KEY

    if not measured:  # a checkpoint of an earlier version
        return
    try:
        write_metadata(artefact, measured)
    except ArtefactError as error:
        if "unit" in json.loads(measured[READINGS_KEY]):
            raise
        print(f"no prototypes, as the training's recordings are too few or too alike: {error}", file=sys.stderr)


@app.command()
def card(
    artefacts: Annotated[list[Path], typer.Argument(help="artefacts (.onnx)", exists=True, dir_okay=False)],
) -> None:
    """Write the card of an artefact.

    It is written beside the artefact, from the artefact's metadata.
    """
    from models.evaluation.card import write_card

    for artefact in artefacts:
        print(write_card(artefact))


@app.command()
def prototypes(
    artefact: Annotated[Path, typer.Argument(help="artefact (.onnx) to write them into")],
    folder: Folder,
    leave_out_bend: Annotated[list[str] | None, typer.Option(help="bend type that was left out")] = None,
    leave_out_collection: Annotated[list[str] | None, typer.Option(help="collection that was left out")] = None,
) -> None:
    """Measure the prototypes of an artefact again.

    An artefact has those of the recordings that it was trained on, unless its checkpoint is of an earlier version; a
    window far from all of them is rejected. The additive classifier and the training's readings are measured with them.
    The graph stays as it is; its card is rewritten.
    """
    from models.data.dataset import HoldOut
    from models.evaluation.card import write_card
    from models.export.measured_metadata import write_prototypes
    from models.runtime.artefact import Artefact

    recipe = replace(
        make_recipe(DEFAULT_MODEL, epochs=1, seed=0), vocabulary=Artefact.load(artefact).contract.vocabulary
    )
    recordings = read_recordings(folder, recipe)
    left_out = HoldOut(tuple(leave_out_bend or ()), tuple(leave_out_collection or ()))
    count = write_prototypes(artefact, left_out.kept(recordings))
    write_card(artefact)
    print(f"{artefact}: {count} prototypes")


@app.command()
def quantize(
    artefact: Annotated[Path, typer.Argument(help="artefact with float32 weights (.onnx)")],
    out: Annotated[Path, typer.Option(help="artefact to write (.onnx)", dir_okay=False)],
    compare: Annotated[Path | None, typer.Option(help="folder of recordings to compare the two on")] = None,
    as_json: Json = False,
) -> None:
    """Quantise an artefact to INT8 weights.

    It takes about a third of the size and gets a card of its own. No recordings are needed.
    """
    from models.evaluation.card import write_card
    from models.export.quantise import quantise_artefact

    quantise_artefact(artefact, out)
    write_card(out)
    sizes = [path.stat().st_size for path in (artefact, out)]
    result = {"file": str(out), "bytes": sizes[1], "percent_of_float32": round(100 * sizes[1] / sizes[0], 1)}
    if compare:
        result |= asdict(_compare(artefact, out, compare))
    if as_json:
        print(json.dumps(result))
    else:
        print("\n".join([str(out), *(f"{name}: {figure}" for name, figure in list(result.items())[1:])]))


@app.command()
def predict(
    files: Annotated[list[Path], typer.Argument(help="recorded episodes (CSV, NPZ), or folders of them")],
    model: Annotated[Path, typer.Option(help="artefact (.onnx)")] = ARTEFACTS / f"{DEFAULT_MODEL}.onnx",
    ranged: Annotated[
        bool, typer.Option("--ranged", help="range the glove by the shapes of each collection, as a stream does")
    ] = False,
    as_json: Json = False,
) -> None:
    """Predict the letters of recorded episodes.

    The newest window of each episode is predicted; unreadable files are reported and skipped. With --ranged, the flex
    sensors are ranged by all shapes of a collection, which must be of one hand; their labels are not used.
    """
    from models.adaptation.training_readings import front_end_by_readings
    from models.runtime.artefact import Artefact

    artefact = Artefact.load(model)
    faults: list[RecordingError] = []
    episodes: Iterable[Episode] = _readable(files, faults)
    front_ends: Mapping[str, FrontEnd] = {}
    if ranged:
        episodes = list(episodes)
        front_ends = _ranged(artefact, episodes)
    reference = artefact.reference.ranged() if ranged and artefact.reference is not None else artefact.reference
    for episode in episodes:
        front_end = front_ends.get(episode.collection) or front_end_by_readings([episode.values], artefact.readings)
        answer = _answer(artefact, reference, front_end.apply(episode.values), episode)
        _print_answer(artefact.contract, episode, answer, as_json)
    if faults:
        raise typer.Exit(1)


def _readable(files: Sequence[Path], faults: list[RecordingError]) -> Iterator[Episode]:
    """Yield the complete episodes of files and folders; print each fault and append it to `faults`."""
    from scaleglove.recordings import RecordingError, find_recordings, load_episodes

    for path in (path for given in files for path in find_recordings(given)):
        try:
            for episode in load_episodes(path):
                episode.require_complete()
                yield episode
        except RecordingError as error:
            print(error, file=sys.stderr)
            faults.append(error)


def _ranged(artefact: Artefact, episodes: Sequence[Episode]) -> dict[str, FrontEnd]:
    """Return the front end of each collection, ranged by the shapes of all its episodes.

    Raises:
        ScaleGloveError: the artefact does not say what its glove read, or a collection has too few episodes.
    """
    from models.adaptation.front_end import median_frame
    from models.adaptation.sensor_fit import LETTERS_TO_FIT, range_shapes
    from models.adaptation.training_readings import front_end_by_readings
    from models.runtime.held_shapes import judge_of

    if artefact.readings is None:
        raise ScaleGloveError(f"{artefact.path}: the artefact has no readings of its glove to range by")
    shapes: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
    for episode in episodes:
        shapes[episode.collection].append(median_frame(episode.values))
    for collection, held in shapes.items():
        if len(held) < LETTERS_TO_FIT:
            raise ScaleGloveError(
                f"--ranged needs {LETTERS_TO_FIT} episodes of {collection or 'a hand'}, not {len(held)}"
            )
    judge = judge_of(artefact)
    ranged: dict[str, FrontEnd] = {}
    for collection, held in shapes.items():
        frames = np.stack(held)
        own = front_end_by_readings([shape[np.newaxis] for shape in held], artefact.readings)
        ranged[collection] = range_shapes(own.apply(frames), artefact.readings, judge).front_end.after(own)
    return ranged


def _print_answer(contract: ModelContract, episode: Episode, answer: dict[str, Any], as_json: bool) -> None:
    where = f"{episode.path}  {episode.label} {episode.repetition}" if episode.repetition else str(episode.path)
    if as_json:
        repetition = {"recorded": episode.label, "repetition": episode.repetition} if episode.repetition else {}
        print(json.dumps({"file": str(episode.path)} | repetition | answer, ensure_ascii=False))
    elif answer["state"] == "warming":
        print(f"-  fewer than {contract.min_frames} frames without a gap  {where}")
    elif answer["state"] == "rejected":
        print(f"-  no letter fits  {where}")
    else:
        importance = "  ".join(f"scale {k} {part:.0%}" for k, part in answer["scale_importance"].items())
        print(f"{answer['label']}  {answer['confidence']:6.1%}  {importance}  {where}")


def _compare(artefact: Path, quantised: Path, folder: Path) -> Agreement:
    from models.adaptation.training_readings import in_counts
    from models.runtime.artefact import Artefact, agreement
    from scaleglove.resampling import resample

    one, other = Artefact.load(artefact), Artefact.load(quantised)
    episodes, _ = read_episodes(folder)
    rate = one.contract.sample_rate_hz
    episodes = [episode for episode in episodes if not episode.missing]
    windows = [resample(episode.t_ms, in_counts(episode.values, one.readings), rate) for episode in episodes]
    return agreement(one, other, windows)


def _answer(
    artefact: Artefact, reference: ModelReference | None, frames: NDArray[np.float32], episode: Episode
) -> dict[str, Any]:
    """Answer for the episode's frames float32[n, 8] as the model sees them, as the service does.

    No letter of fewer than `min_frames` frames, none where no letter fits.
    """
    from models.adaptation.decision import decide, score
    from scaleglove.resampling import resample

    contract = artefact.contract
    window = resample(episode.t_ms, frames, contract.sample_rate_hz)
    if len(window) < contract.min_frames:
        return {"state": "warming", "label": None, "confidence": None, "scale_importance": {}}
    outputs = artefact.run_windows([window])
    decision = decide(score(reference, outputs.probabilities, outputs.embedding).shown[0])
    rejected = decision.letter is None
    return {
        "state": "rejected" if rejected else "ok",
        "label": None if decision.letter is None else contract.labels[decision.letter],
        "confidence": None if rejected else decision.candidates[0][1],
        "scale_importance": dict(zip(map(str, contract.scales), map(float, outputs.scale_importance[0]), strict=True)),
    }
