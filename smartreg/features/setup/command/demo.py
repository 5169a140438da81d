"""`demo [DIR]`: run the main workflow in a new folder, printing each command as a user would type it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from smartreg.cli.options import t
from smartreg.cli.session import Session, change_to, with_session
from smartreg.cli.web import refuse_without_libraries
from smartreg.core.clock import today_here
from smartreg.core.errors import StateFault
from smartreg.core.messages import SOURCE, Message, Text, verbatim
from smartreg.core.styled import Span, line
from smartreg.workspace.output import output

FOLDER = "smartreg-demo"
PROGRAM = (sys.executable, "-P", "-m", "smartreg")
METROPOLE = "metropole-d-aix-marseille-provence"
# The demonstration commits under a name of its own: no setting of the user's Git is needed, and none is changed.
AUTHOR = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "smartreg demo"), ("EMAIL", "demo@example.org"))
}


class DemoStep(NamedTuple):
    """A step: what is done and why, and the exit code that it ends with. `{folder}` is the new folder; `{installed}`
    and `{until}` are days of this time, so that the demonstration does not grow stale."""

    about: Text
    words: str
    code: int = 0


STEPS = (
    DemoStep(
        Message("A registry for a metropolis: its communes come from the official codes"),
        "init {folder} --epci 200054807 -y",
    ),
    DemoStep(
        Message("The act and the convention that everything rests on"),
        f"add-deliberation --id demo-deliberation --number DEMO-001 --body {METROPOLE} --date 2024-01-15 "
        "--subject 'Convention de démonstration' -y",
    ),
    DemoStep(
        verbatim(""),
        f"add-convention --id demo-istres --title 'Convention de démonstration' --party {METROPOLE} --party istres "
        "--family installation --family connectivity --status signed "
        "--deliberation demo-deliberation --signed-on 2024-02-01 --effective-until {until} -y",
    ),
    DemoStep(
        Message("An amendment adds the data: they are covered from its day on, not before"),
        "amend demo-istres families+=data --signed-on 2024-05-02 --deliberation-number DEMO-002 --date 2024-04-18 "
        f"--subject 'Avenant n° 1' --body {METROPOLE} -y",
    ),
    DemoStep(
        Message("Two lamp posts of Istres, a network of the Métropole, a use case"),
        "add-support --id istres-ep-00412 --type street_light --owner istres --insee-code 13047 "
        "--location-lon 4.98747 --location-lat 43.51345 --address '12 boulevard Paul Painlevé' --status in_service -y",
    ),
    DemoStep(
        verbatim(""),
        "add-support --id istres-ep-00413 --type street_light --owner istres --insee-code 13047 "
        "--location-lon 4.98801 --location-lat 43.51389 --address '20 boulevard Paul Painlevé' --status in_service -y",
    ),
    DemoStep(
        verbatim(""),
        f"add-network --id amp-lorawan --name 'LoRaWAN métropolitain' --technology lorawan --operator {METROPOLE} "
        "--access shared --shared-with istres --set lorawan.region=EU863-870 --status in_service -y",
    ),
    DemoStep(
        verbatim(""),
        f"add-use-case --id noise-observatory --title 'Observatoire du bruit' --owner {METROPOLE} --domain noise "
        "--status pilot -y",
    ),
    DemoStep(
        Message("The Métropole hangs a noise sensor on a pole of Istres"),
        f"add-sensor --id istres-noise-001 --support istres-ep-00412 --owner {METROPOLE} --use-case noise-observatory "
        "--network amp-lorawan --dev-eui 70B3D57ED0061234 --measure noiseLevel --installed-on {installed} -y",
    ),
    DemoStep(
        Message("A sensor on a pole that does not exist is refused, and nothing is written"),
        f"add-sensor --id istres-noise-002 --support istres-ep-0413 --owner {METROPOLE} --use-case noise-observatory "
        "--network amp-lorawan --dev-eui 70B3D57ED0061235 --measure noiseLevel --installed-on {installed} -y",
        1,
    ),
    DemoStep(
        verbatim(""),
        f"add-sensor --id istres-noise-002 --support istres-ep-00413 --owner {METROPOLE} --use-case noise-observatory "
        "--network amp-lorawan --dev-eui 70B3D57ED0061235 --measure noiseLevel --installed-on {installed} -y",
    ),
    DemoStep(
        Message("One is found faulty: one line changes"),
        "set istres-noise-002 status=faulty --reason 'no message for a week' -y",
    ),
    DemoStep(Message("Is the registry sound?"), "validate"),
    DemoStep(Message("What changed since before the sensors?"), "diff HEAD~3"),
    DemoStep(Message("Who did what, when?"), "log equipment/istres-noise-002"),
    DemoStep(
        Message("For the analysts"),
        "export equipment supports -f csv --dialect excel-fr --lang fr -o exports",
    ),
)


app = typer.Typer()


@app.command("demo")
@with_session()
def demo_command(
    session: Session,
    folder: Annotated[
        str | None,
        typer.Argument(
            metavar="DIR",
            help=t("new folder (default: {folder})", folder=FOLDER),
        ),
    ],
    web: Annotated[bool, typer.Option("--web", help=t("then open the registry in a browser (smartreg web)"))],
) -> int:
    if web:
        refuse_without_libraries()
    target = output(str(session.directory / (folder or FOLDER)), session.directory).path
    if target.exists() and any(target.iterdir()):
        raise StateFault(
            Message("{folder} is not empty", folder=folder or FOLDER),
            Message("name a new folder: smartreg demo DIR"),
        )
    environment = {**os.environ, **AUTHOR, "SMARTREG_LANG": session.lang}
    today = today_here()
    facts = {
        "folder": shlex.quote(folder or FOLDER),
        "installed": today - timedelta(days=30),
        "until": today + timedelta(days=730),
    }
    first, *others = (step._replace(words=step.words.format_map(facts)) for step in STEPS)
    _play(session, first, session.directory, environment)
    for step in others:
        _play(session, step, target, environment)
    if web:
        session.console.show([(), line(Span("$ smartreg web", "bold"))])
        sys.stdout.flush()
        os.chdir(target)
        os.execve(sys.executable, [*PROGRAM, "web"], environment)  # Ctrl-C is for it alone
    status = f"{change_to(target)}smartreg status"
    session.console.hint(Message("Look around: {status}", status=status))
    return 0


def _play(session: Session, step: DemoStep, folder: Path, environment: Mapping[str, str]) -> None:
    """Show one command and run it as its own process, its output going where ours goes; StateFault when it ends with
    another exit code."""
    if step.about.in_(SOURCE):
        session.console.show([(), line(Span(f"# {step.about.in_(session.lang)}", "dim"))])
    session.console.show([line(Span(f"$ smartreg {step.words}", "bold"))])
    done = subprocess.run([*PROGRAM, *shlex.split(step.words)], cwd=folder, env=environment, check=False)
    if done.returncode != step.code:
        raise StateFault(
            Message(
                "the demonstration stopped: exit {returncode} instead of {code}",
                returncode=done.returncode,
                code=step.code,
            )
        )
