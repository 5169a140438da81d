"""`doctor --ci` and `doctor --settings`: what they print."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

from smartreg.cli.session import Session
from smartreg.commands.doctor_ci import ci
from smartreg.commands.doctor_settings import DEFAULT, settings_in_force
from smartreg.commands.workspace import Workspace
from smartreg.core.escape import json_text
from smartreg.core.styled import Span, line
from smartreg.core.values import Words

NONE = Words(
    "no pipeline here runs smartreg; init --ci github,gitlab writes one, docs/gate.md shows it",
    "aucune chaîne ne lance smartreg ici ; init --ci github,gitlab en crée, docs/gate.md les montre",
)

VARIABLE = Words(
    "pull requests from forks do not get the variable SMARTREG_SOURCE: delete the pipeline and run smartreg init --ci "
    "again, which writes the source into it",
    "les demandes de fusion de forks ne reçoivent pas la variable SMARTREG_SOURCE : supprimez la chaîne et relancez "
    "smartreg init --ci, qui y écrit la source",
)

MERGE = Words(
    "allow merge commits only: a squash or rebase drops the signed commits by which parties agree (docs/gate.md)",
    "n'autorisez que les commits de fusion : squash et rebase font perdre les commits signés qui valent accord "
    "(docs/gate.md)",
)


def tell_ci(session: Session) -> int:
    """Print the commands of the pipelines; what gives the same verdict here is ready to be typed."""
    found = ci(session.workspace)
    if session.format == "json":
        rows = [asdict(command) for command in found.commands]
        content = {"version": 1, "base": found.base, "behind": found.behind, "commands": rows}
        session.console.write(json_text(content))
        return 0
    if not found.commands:
        session.console.note(NONE)
        return 0
    french = session.lang == "fr"
    labels = ("ligne", "demande de fusion", "envoi", "ici") if french else ("line", "pull request", "push", "here")
    width = max(map(len, labels)) + 2
    for command in found.commands:
        said = (command.line, command.pull_request, command.push, command.here)
        told = [
            pair for pair in zip(labels, said, strict=True) if pair[1] != command.pull_request or pair[0] == labels[1]
        ]
        lines = [line(Span(f"  {label:<{width}}", "dim"), text) for label, text in told]
        session.console.show([line(command.file), *lines])
    if any(command.variable for command in found.commands):
        session.console.note(VARIABLE)
    if any("--as-author" in command.here for command in found.commands):
        session.console.note(MERGE)
    if found.behind:
        session.console.note(
            Words(
                f"the pipeline judges the merge with {found.base}, which has commits that you lack: merge it first",
                f"la chaîne juge la fusion avec {found.base}, qui a des commits qui vous manquent : fusionnez d'abord",
            )
        )
    return 0


def tell_settings(session: Session, workspace: Workspace | None) -> int:
    """Print what is in force, each with its source."""
    rows = list(settings_in_force(workspace, os.environ))
    if session.format == "json":
        content = {"version": 1, "settings": [row._asdict() for row in rows]}
        session.console.write(json_text(content))
        return 0
    words = {DEFAULT: "défaut", "environment": "environnement"} if session.lang == "fr" else {}
    width = max((len(row.name) for row in rows), default=0)
    session.console.show(
        line(
            f"{row.name:<{width}}  {json.dumps(row.value, ensure_ascii=False)}  ",
            Span(words.get(row.source, row.source), "dim"),
        )
        for row in rows
    )
    return 0
