"""Commands `calibrate` and `teach`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from firmware_bridge.options import DEFAULT_URL, GlovePort, StreamName, TokenFile, Url, read_token

if TYPE_CHECKING:
    from scaleglove.client.wearers import Calibrated, Wearer

app = typer.Typer()

WearerName = Annotated[str, typer.Option(help="Name of the wearer at the service; it is created if it does not exist.")]
Countdown = Annotated[int, typer.Option(min=0, max=60, help="Seconds to count down after Enter.")]
SignsFrom = Annotated[
    str | None,
    typer.Option(
        help="Another wearer whose own signs are recognised too; as in the profile before by default, '' for nobody's."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON for each request and each example.")]


@app.command()
def calibrate(
    wearer: WearerName,
    url: Url = DEFAULT_URL,
    stream: StreamName = None,
    port: GlovePort = None,
    letters: Annotated[str, typer.Option(help="Letters to calibrate, without separators; all by default.")] = "",
    model: Annotated[str | None, typer.Option(help="Model to calibrate; the service chooses by default.")] = None,
    signs_from: SignsFrom = None,
    doubts: Annotated[
        bool, typer.Option("--doubts", help="Ask what doubtful shapes were that the stream has held already.")
    ] = False,
    sitting: Annotated[
        bool,
        typer.Option("--sitting", help="Spell some ten words, which takes a minute, in place of letters one by one."),
    ] = False,
    keep_words: Annotated[
        bool,
        typer.Option(
            "--keep-words", help="Ask for nothing: keep what the words of the stream have shown of the hand so far."
        ),
    ] = False,
    countdown: Countdown = 1,
    token_file: TokenFile = None,
    json: Json = False,
) -> None:
    """Calibrate the service for a wearer.

    The command asks for one letter after the other, those first that are likely to be confused, until the examples
    suffice, and makes a profile of them. Examples of earlier sessions count.

    Enter takes the shape of the hand, r discards the last example, c calibrates with the examples so far, q quits; the
    examples are kept for the next time.

    With --sitting the hand moves for ten seconds, rests, and then spells some ten words, in which every letter occurs;
    what is understood is printed, and the next word comes by itself. At the end doubtful shapes are asked about, as
    with --doubts.

    With --doubts nothing has to be shown: sign something first, with the glove on. The command then asks "what was
    this?" about the shapes that it is most in doubt about, and the number of a candidate, or another letter, answers.

    With --keep-words nothing is asked: what clear words have shown of the hand in a running stream is kept, and the
    next stream of the wearer begins with it.
    """
    from firmware_bridge.calibration_wizard.answer_lines import AnswerLines
    from firmware_bridge.calibration_wizard.doubting import Doubting
    from firmware_bridge.calibration_wizard.prompts import JsonPrompt, TerminalPrompt
    from firmware_bridge.calibration_wizard.running_glove import running_glove
    from firmware_bridge.calibration_wizard.sitting import Sitting
    from firmware_bridge.calibration_wizard.wizard import CalibrationWizard
    from scaleglove.client.wearers import Wearer

    token = read_token(token_file)
    profile = Wearer(url, wearer, token, model)
    answers = AnswerLines(sys.stdin)
    prompt = JsonPrompt(answers) if json else TerminalPrompt(answers, countdown)
    if doubts and letters:
        raise typer.BadParameter("--doubts asks about what was held, whatever it was", param_hint="--letters")
    if sitting and (doubts or letters):
        raise typer.BadParameter("a sitting asks for all letters, and about doubtful shapes at its end")
    if keep_words and (sitting or doubts or letters or port):
        raise typer.BadParameter("--keep-words takes what a running stream has learned, and asks for nothing")
    _refuse_unknown(letters, profile)
    with running_glove(url, token, stream, port, token_file) as glove:
        profile.create()
        if keep_words:
            name = glove.stream()
            profile.keep_words(name)
            calibrated: Calibrated | None = profile.calibrate(glove.profiled(), signs_from=signs_from, stream=name)
        elif sitting and not Sitting(profile, glove, prompt).run():
            calibrated = None
        elif doubts or sitting:
            calibrated = Doubting(profile, glove, prompt, signs_from).run()
        else:
            wizard = CalibrationWizard(profile, glove.stream, prompt, letters, glove.show, glove.profiled, signs_from)
            calibrated = wizard.run()
    if calibrated is None:
        typer.echo(f"{wearer} is not calibrated; the examples are kept", err=True)
        raise typer.Exit(1)
    _report(wearer, calibrated, json)


@app.command()
def teach(
    name: Annotated[str, typer.Argument(help="Name of the sign: any text, such as 'thumbs up'.")],
    wearer: WearerName,
    url: Url = DEFAULT_URL,
    stream: StreamName = None,
    port: GlovePort = None,
    shows: Annotated[int, typer.Option(min=1, max=20, help="How often the sign is shown.")] = 3,
    alone: Annotated[
        bool | None,
        typer.Option(
            "--alone/--beside",
            help="Recognise own signs alone, of which there must be two, or beside the labels of the model; as in the "
            "profile before by default.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model that recognises it; the service chooses by default.")] = None,
    signs_from: SignsFrom = None,
    countdown: Countdown = 1,
    token_file: TokenFile = None,
    json: Json = False,
) -> None:
    """Teach the service a sign of your own.

    The sign is shown three times, held still or as a movement, and is recognised from then on beside the letters of the
    model wherever the wearer is named. What it is too close to is said.

    Enter takes what the hand shows, r discards the last example, c is enough, q quits; the examples are kept.
    """
    from firmware_bridge.calibration_wizard.answer_lines import AnswerLines
    from firmware_bridge.calibration_wizard.prompts import JsonPrompt, TerminalPrompt
    from firmware_bridge.calibration_wizard.running_glove import running_glove
    from firmware_bridge.calibration_wizard.teaching import Teaching
    from scaleglove.client.wearers import Wearer

    token = read_token(token_file)
    profile = Wearer(url, wearer, token, model)
    answers = AnswerLines(sys.stdin)
    prompt = JsonPrompt(answers) if json else TerminalPrompt(answers, countdown, ask="show the sign")
    with running_glove(url, token, stream, port, token_file) as glove:
        profile.create()
        calibrated = Teaching(profile, glove, prompt, name, shows, alone, signs_from).run()
    if calibrated is None:
        typer.echo(f"{name} is not taught; the examples are kept", err=True)
        raise typer.Exit(1)
    _report(wearer, calibrated, json)
    if not json:
        for one, other in calibrated.alike:
            typer.echo(f"{one} is too close to {other}: show it in a clearer way, or take another sign", err=True)


def _refuse_unknown(letters: str, wearer: Wearer) -> None:
    """Raise an error for letters that the model does not have."""
    known = wearer.labels() if letters else ()
    for letter in letters:
        if letter not in known:
            fault = f"{letter!r} is no label of the model; there are: {' '.join(known)}"
            raise typer.BadParameter(fault, param_hint="--letters")


def _report(wearer: str, calibrated: Calibrated, json: bool) -> None:
    """Print a new profile and how much better it is."""
    if json:
        typer.echo('{"type":"calibrated",' + calibrated.model_dump_json()[1:])
        return
    if calibrated.signs_lost is not None:
        typer.echo(f"without the signs of another wearer: {calibrated.signs_lost}; see --signs-from", err=True)
    typer.echo(f"profile {calibrated.version} of {wearer} for {calibrated.model}, made in {calibrated.seconds:.2f} s")
    if calibrated.words:
        typer.echo(f"examples that words have shown: {calibrated.words}")
    if calibrated.before is None or calibrated.after is None:
        typer.echo("no letter has two examples, so the accuracy could not be measured")
        return
    typer.echo(
        f"accuracy on {calibrated.held_back} held-out examples: {calibrated.before.accuracy:.0%} before, "
        f"{calibrated.after.accuracy:.0%} with the profile"
    )
