"""The model life cycle on the command line: data, train, evaluate, export, predict, bench."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.contract import ScaleGloveError

if TYPE_CHECKING:
    from models.artefact import Artefact
    from models.dataset import Recording
    from models.evaluation import Fold
    from models.recordings import Episode, Report
    from models.training import Recipe

app = typer.Typer()
data_app = typer.Typer(no_args_is_help=True, help="Recordings: check a folder of them.")
bench_app = typer.Typer(no_args_is_help=True, help="Speed, side by side with the plain ways of doing the same.")
app.add_typer(data_app, name="data")
app.add_typer(bench_app, name="bench")

Folder = Annotated[Path, typer.Argument(help="folder of recordings: COLLECTION/LETTER/BEND/episode_*.csv")]
ModelName = Annotated[str, typer.Option(help="MSCSGRU, MSCSGRU_ScaleAware, MSCSGRU_ScaleHard or MSCGRU_ScaleAware")]
Epochs = Annotated[int, typer.Option(min=1)]
Seed = Annotated[int, typer.Option(min=0)]
Json = Annotated[bool, typer.Option("--json", help="print JSON for a program")]

DEFAULT_MODEL = "MSCSGRU_ScaleAware"
ARTEFACTS = Path(__file__).parent / "artefacts"


@data_app.command("check")
def check(folder: Folder, as_json: Json = False) -> None:
    """Report on a folder of recordings: how many, how fast, what is wrong with them."""
    _, report = _read(folder)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _print_report(report)
    if report.unreadable:
        raise typer.Exit(1)


@app.command()
def train(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="checkpoint to write", dir_okay=False)] = Path("runs/checkpoint.pt"),
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 40,
    seed: Seed = 0,
) -> None:
    """Train a network on all recordings of a folder."""
    from models.checkpoint import Checkpoint, git_revision
    from models.training import fit

    recipe = _recipe(model, epochs, seed)
    out.parent.mkdir(parents=True, exist_ok=True)  # a place that cannot be written to is said before the work
    recordings = _read_labelled(folder, recipe)
    network, normaliser = fit(recordings, recipe, progress=Console(stderr=True).is_terminal)
    collections = Counter(recording.collection for recording in recordings)
    data = ", ".join(f"{name} ({count} episodes)" for name, count in sorted(collections.items()))
    Checkpoint(network, normaliser, recipe, data, git_revision()).save(out)
    print(out)


@app.command()
def evaluate(
    folder: Folder,
    model: ModelName = DEFAULT_MODEL,
    epochs: Epochs = 40,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="file to write the report to, as JSON", dir_okay=False)] = None,
    as_json: Json = False,
) -> None:
    """Train without and test on: a random part, each bend type, each collection; ExtraTrees beside the network."""
    from models.checkpoint import git_revision
    from models.evaluation import evaluate as run

    recipe = _recipe(model, epochs, seed)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
    recordings = _read_labelled(folder, recipe)
    errors = Console(stderr=True)

    def say(fold: Fold, result: dict[str, float]) -> None:
        errors.print(f"{fold.protocol}, {fold.name}: {result}", highlight=False, soft_wrap=True)

    protocols = run(recordings, recipe, say, progress=errors.is_terminal)
    report = {
        "command": f"scaleglove evaluate FOLDER --model {model} --epochs {epochs} --seed {seed}",
        "revision": git_revision(),
        "recipe": recipe.as_dict(),
        "accuracy_percent": protocols,
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(text)
    else:
        Console().print(_accuracy_table(protocols, model))


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="checkpoint of `scaleglove train`")],
    out: Annotated[Path, typer.Option(help="artefact to write (.onnx)", dir_okay=False)],
    report: Annotated[Path | None, typer.Option(help="report of `scaleglove evaluate --out`")] = None,
    version: Annotated[str, typer.Option(help="version of the artefact")] = "0.1.0",
) -> None:
    """Make the artefact that the service serves from a checkpoint."""
    from models.checkpoint import Checkpoint
    from models.export import export_network

    if not version.strip():
        raise typer.BadParameter("a version has at least one character", param_hint="--version")
    trained = Checkpoint.load(checkpoint)
    contract = trained.contract(version, _read_report(report) if report else {})
    export_network(trained.network, trained.normaliser, contract, out)
    print(out)


@app.command()
def predict(
    files: Annotated[list[Path], typer.Argument(help="recorded episodes (CSV), or folders of them")],
    model: Annotated[Path, typer.Option(help="artefact (.onnx)")] = ARTEFACTS / f"{DEFAULT_MODEL}.onnx",
    as_json: Json = False,
) -> None:
    """Letters for recorded episodes, from the newest window of each; an unreadable file is said and left out."""
    from models.artefact import Artefact
    from models.recordings import RecordingError, find_recordings, load_episode

    artefact = Artefact.load(model)
    unreadable = 0
    for path in (path for given in files for path in find_recordings(given)):
        try:
            answer = _answer(artefact, load_episode(path))
        except RecordingError as error:
            print(error, file=sys.stderr)
            unreadable += 1
            continue
        if as_json:
            print(json.dumps({"file": str(path)} | answer, ensure_ascii=False))
        elif answer["state"] == "warming":
            print(f"-  fewer than {artefact.contract.min_frames} frames in one piece  {path}")
        else:
            shares = "  ".join(f"scale {k} {share:.0%}" for k, share in answer["scale_importance"].items())
            print(f"{answer['label']}  {answer['confidence']:6.1%}  {shares}  {path}")
    if unreadable:
        raise typer.Exit(1)


@bench_app.command("model")
def bench_model(
    frames: Annotated[int, typer.Option(min=10, help="frames in the window")] = 87,
    rounds: Annotated[int, typer.Option(min=5, help="rounds; each way has its turn in every round")] = 60,
    as_json: Json = False,
) -> None:
    """One window through PyTorch, a plain tracing export and the folded export, for all four networks."""
    from models.bench import time_networks

    timings = time_networks(frames, rounds)
    if as_json:
        print(json.dumps([timing.as_dict() for timing in timings]))
        return
    fastest = next(t.milliseconds for t in timings if t.network == DEFAULT_MODEL and t.way == "folded export")
    title = f"one window of {frames} frames, one thread, median of {rounds} rounds"
    table = Table(title=title, caption=f"relative to {DEFAULT_MODEL}, folded")
    for heading in ("network", "way", "ms", "relative", "nodes"):
        table.add_column(heading, justify="left" if heading in {"network", "way"} else "right")
    for timing in timings:
        ratio = timing.milliseconds / fastest
        nodes = str(timing.nodes) if timing.nodes else ""
        table.add_row(timing.network, timing.way, f"{timing.milliseconds:.3f}", f"{ratio:.2f}x", nodes)
    Console().print(table)


def _read(folder: Path) -> tuple[list[Episode], Report]:
    from models.recordings import find_recordings, load_folder

    console = Console(stderr=True)
    paths = track(find_recordings(folder), "reading", console=console, disable=not console.is_terminal)
    return load_folder(folder, paths)


def _read_labelled(folder: Path, recipe: Recipe) -> list[Recording]:
    from models.dataset import to_recordings

    episodes, _ = _read(folder)
    recordings, left_out = to_recordings(episodes, recipe.sample_rate_hz, recipe.min_frames)
    if left_out:
        fault = f"without a letter (COLLECTION/LETTER/BEND folders) or shorter than {recipe.min_frames} frames"
        if not recordings:
            raise ScaleGloveError(f"{folder}: all {left_out} episodes are {fault}")
        print(f"left out: {left_out} episodes {fault}", file=sys.stderr)
    return recordings


def _read_report(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScaleGloveError(f"{path}: not a readable report: {error}") from None
    if not isinstance(report, dict) or "accuracy_percent" not in report:
        raise ScaleGloveError(f"{path}: not a report of `scaleglove evaluate --out`")
    return report


def _answer(artefact: Artefact, episode: Episode) -> dict[str, Any]:
    """As every front door answers: no letter from fewer than `min_frames` frames."""
    from models.timeline import resample

    contract = artefact.contract
    window = resample(episode.t_ms, episode.values, contract.sample_rate_hz)
    if len(window) < contract.min_frames:
        return {"state": "warming", "label": None, "confidence": None, "scale_importance": {}}
    outputs = artefact.run_windows([window])
    best = int(outputs.probabilities[0].argmax())
    return {
        "state": "ok",
        "label": contract.labels[best],
        "confidence": float(outputs.probabilities[0, best]),
        "scale_importance": dict(zip(map(str, contract.scales), map(float, outputs.scale_importance[0]), strict=True)),
    }


def _print_report(report: Report) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for title, counts in (("episodes", report.episodes), ("found", report.findings)):
        for name, count in counts.items():
            console.print(f"{title}: {name}: {count}")
    console.print(
        "milliseconds between frames (p5, median, p95): " + ", ".join(f"{ms:.0f}" for ms in report.interval_ms)
    )
    if of_each := report.letters.values():
        console.print(f"letters: {len(of_each)}, episodes of each: {min(of_each)} to {max(of_each)}")
    for fault in report.unreadable:
        console.print(f"unreadable: {fault}")


def _recipe(model: str, epochs: int, seed: int) -> Recipe:
    from models.network import NETWORKS
    from models.training import Recipe

    if model not in NETWORKS:
        raise typer.BadParameter(f"{model} is not one of {', '.join(NETWORKS)}", param_hint="--model")
    return Recipe(model=model, epochs=epochs, seed=seed)


def _accuracy_table(protocols: dict[str, Any], model: str) -> Table:
    table = Table(title="accuracy in percent")
    for heading in ("protocol", "fold", "train", "test", model, "ExtraTrees"):
        table.add_column(heading)
    for protocol, result in protocols.items():
        for name, fold in result["folds"].items():
            table.add_row(protocol, name, *(str(fold[key]) for key in ("train", "test", model, "ExtraTrees")))
        table.add_row(protocol, "mean", "", "", str(result[model]), str(result["ExtraTrees"]), style="bold")
    return table
