"""The model life cycle on the command line: data, train, evaluate, export, predict, bench."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.contract import ScaleGloveError

if TYPE_CHECKING:
    from models.dataset import Recording
    from models.recordings import Episode, Report

app = typer.Typer()
data_app = typer.Typer(no_args_is_help=True, help="Recordings: check a folder of them.")
bench_app = typer.Typer(no_args_is_help=True, help="Speed, side by side with the plain ways of doing the same.")
app.add_typer(data_app, name="data")
app.add_typer(bench_app, name="bench")

Folder = Annotated[Path, typer.Argument(help="folder of recordings: COLLECTION/LETTER/BEND/episode_*.csv")]
ModelName = Annotated[str, typer.Option(help="MSCSGRU, MSCSGRU_ScaleAware, MSCSGRU_ScaleHard or MSCGRU_ScaleAware")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for a program")]

DEFAULT_MODEL = "MSCSGRU_ScaleAware"
ARTEFACTS = Path(__file__).parent / "artefacts"


@data_app.command("check")
def check(folder: Folder, as_json: Json = False) -> None:
    """Report on a folder of recordings: how many, how fast, what is wrong with them."""
    _, report = _read(folder)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
        return
    console = Console()
    for title, counts in (
        ("episodes", report.episodes),
        ("found", report.findings),
    ):
        for name, count in counts.items():
            console.print(f"{title}: {name}: {count}", highlight=False, soft_wrap=True)
    console.print(
        "milliseconds between frames (p5, median, p95): " + ", ".join(f"{ms:.0f}" for ms in report.interval_ms)
    )
    letters = report.letters
    console.print(f"letters: {len(letters)}, episodes of each: {min(letters.values())} to {max(letters.values())}")
    for fault in report.unreadable:
        console.print(f"unreadable: {fault}", soft_wrap=True)
    if report.unreadable:
        raise typer.Exit(1)


@app.command()
def train(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="checkpoint to write")] = Path("runs/checkpoint.pt"),
    model: ModelName = DEFAULT_MODEL,
    epochs: Annotated[int, typer.Option(min=1)] = 40,
    seed: int = 0,
) -> None:
    """Train a network on all recordings of a folder."""
    from models.checkpoint import Checkpoint, git_revision
    from models.training import fit

    recipe = _recipe(model, epochs, seed)
    episodes, _ = _read(folder)
    recordings = _resampled(episodes, recipe.sample_rate_hz, recipe.min_frames)
    network, normaliser = fit(recordings, recipe)
    collections = Counter(recording.collection for recording in recordings)
    data = ", ".join(f"{name} ({count} episodes)" for name, count in sorted(collections.items()))
    Checkpoint(network, normaliser, recipe, data, git_revision()).save(out)
    print(out)


@app.command()
def evaluate(
    folder: Folder,
    model: ModelName = DEFAULT_MODEL,
    epochs: Annotated[int, typer.Option(min=1)] = 40,
    seed: int = 0,
    out: Annotated[Path | None, typer.Option(help="file to write the report to, as JSON")] = None,
    as_json: Json = False,
) -> None:
    """Train without and test on: a random part, each bend type, each collection; ExtraTrees beside the network."""
    from models.checkpoint import git_revision
    from models.evaluation import evaluate as run

    recipe = _recipe(model, epochs, seed)
    episodes, _ = _read(folder)
    recordings = _resampled(episodes, recipe.sample_rate_hz, recipe.min_frames)
    errors = Console(stderr=True)

    def say(fold: Any, result: dict[str, float]) -> None:
        errors.print(f"{fold.protocol}, {fold.name}: {result}", highlight=False, soft_wrap=True)

    protocols = run(recordings, recipe, say, progress=errors.is_terminal)
    report = {
        "command": f"scaleglove evaluate FOLDER --model {model} --epochs {epochs} --seed {seed}",
        "revision": git_revision(),
        "accuracy_percent": protocols,
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(text)
    else:
        Console().print(_accuracy_table(protocols, model))


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="checkpoint of `scaleglove train`")],
    out: Annotated[Path, typer.Option(help="artefact to write (.onnx)")],
    report: Annotated[Path | None, typer.Option(help="report of `scaleglove evaluate --out`")] = None,
    version: Annotated[str, typer.Option(help="version of the artefact")] = "0.1.0",
) -> None:
    """Make the artefact that the service serves from a checkpoint."""
    from models.artefact import Artefact
    from models.checkpoint import Checkpoint
    from models.export import export_network

    trained = Checkpoint.load(checkpoint)
    try:
        evaluation = json.loads(report.read_text(encoding="utf-8")) if report else {}
    except (OSError, ValueError) as error:
        raise ScaleGloveError(f"{report}: not a readable report: {error}") from None
    export_network(trained.network, trained.normaliser, trained.contract(version, evaluation), out)
    Artefact.load(out)
    print(out)


@app.command()
def predict(
    files: Annotated[list[Path], typer.Argument(help="recorded episodes (CSV), or folders of them")],
    model: Annotated[Path, typer.Option(help="artefact (.onnx)")] = ARTEFACTS / f"{DEFAULT_MODEL}.onnx",
    as_json: Json = False,
) -> None:
    """Letters for recorded episodes, from the newest window of each."""
    from models.artefact import Artefact
    from models.recordings import find_recordings, load_episode
    from models.timeline import resample

    artefact = Artefact.load(model)
    contract = artefact.contract
    for path in (path for given in files for path in find_recordings(given)):
        episode = load_episode(path)
        outputs = artefact.run_windows([resample(episode.t_ms, episode.values, contract.sample_rate_hz)])
        best = int(outputs.probabilities[0].argmax())
        letter, confidence = contract.labels[best], float(outputs.probabilities[0, best])
        scales = dict(zip(map(str, contract.scales), map(float, outputs.scale_importance[0]), strict=True))
        if as_json:
            answer = {"file": str(path), "label": letter, "confidence": confidence, "scale_importance": scales}
            print(json.dumps(answer, ensure_ascii=False))
        else:
            shares = "  ".join(f"scale {k} {share:.0%}" for k, share in scales.items())
            print(f"{letter}  {confidence:6.1%}  {shares}  {path}")


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


def _resampled(episodes: list[Episode], sample_rate_hz: float, min_frames: int) -> list[Recording]:
    from models.dataset import to_recordings

    recordings, left_out = to_recordings(episodes, sample_rate_hz, min_frames)
    if left_out:
        typer.echo(f"left out: {left_out} episodes without a letter or shorter than {min_frames} frames", err=True)
    if not recordings:
        raise ScaleGloveError(f"none of the {len(episodes)} episodes lies in a COLLECTION/LETTER/BEND folder")
    return recordings


def _recipe(model: str, epochs: int, seed: int) -> Any:
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
