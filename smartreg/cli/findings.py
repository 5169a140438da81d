"""Findings as blocks for people, and the list of reporters by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.cli.session import Session
from smartreg.commands.locating import locator
from smartreg.core.findings import Finding
from smartreg.core.styled import Line
from smartreg.registry import Registry
from smartreg.reporters.full import block
from smartreg.reporters.secrets import secrets_of


def finding_lines(session: Session, findings: Sequence[Finding], registry: Registry) -> Iterator[Line]:
    """One block per finding, with the lines of the texts of `registry`, and an empty line after each."""
    locate = locator(registry)
    secrets = secrets_of(findings, locate)
    for finding in findings:
        yield from block(finding, locate, session.lang, secrets)
        yield ()
