"""`source` and its sub-commands"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, attempt, report_write
from smartreg.commands.source_settings import add, close
from smartreg.commands.sources import SourceState, check, repin, states, update
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.files import read_regular
from smartreg.core.messages import Message, day
from smartreg.core.styled import Block, Grid, Span, cells, line
from smartreg.core.typed import day as typed_day
from smartreg.core.values import Json, short_id

LARGEST_KEYS = 1 << 16

Alias: TypeAlias = Annotated[str, typer.Argument(metavar="ALIAS", help=t("the name of the source here"))]
Address: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="URL", help=t("where it publishes: a folder, or https://…, with the id of the registry at the end")
    ),
]
Key: TypeAlias = Annotated[
    str | None, typer.Option("--key", metavar="FILE", help=t("the public keys that sign its releases, a line each"))
]
Sources: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="ALIAS|ALIAS:ID", help=t("sources, or records to keep of them (default: all sources)")),
]
Manifest: TypeAlias = Annotated[
    str | None,
    typer.Option("--manifest", metavar="DIGEST", help=t("the digest of its latest manifest, as the publisher says it")),
]


app = typer.Typer()


@app.callback()
@with_session(formats=FORMATS)
def source_command(session: Session) -> int:
    _report(session, states(session.workspace.current))
    return 0


@app.command("list", help=t("show the sources and the releases that are kept of them"))
@with_session(formats=FORMATS)
def list_command(session: Session) -> int:
    _report(session, states(session.workspace.current))
    return 0


@app.command("add", help=t("add another registry as a source; compare the fingerprint that it prints"))
@with_session(formats=FORMATS, recovers=True)
def add_command(session: Session, writing: Writing, alias: Alias, address: Address, key: Key) -> int:
    if key is None:
        raise UsageFault(
            Message("a source needs the public key of its publisher"),
            Message("add --key FILE; ask the publisher for it"),
        )
    keys = _read_keys(session, key)
    options = writing.options(session, session.today)
    with attempt(session):
        outcome, added = add(session.workspace, alias, address, keys, options)
    code = report_write(session, outcome)
    for fingerprint in added.fingerprints:
        session.console.note(
            Message("{key}: compare it with the publisher, by telephone or in person", key=fingerprint)
        )
    session.console.hint(Message("Then: smartreg source update {alias}", alias=alias))
    return code


@app.command("update", help=t("fetch the latest releases, check them, and keep the records that are named here"))
@with_session(formats=FORMATS, recovers=True)
def update_command(session: Session, writing: Writing, names: Sources) -> int:
    """1 if a release was refused."""
    options = writing.options(session, session.today)
    with attempt(session), show_progress(session, Message("fetching releases")):
        outcome, after = update(session.workspace, names, options, datetime.now(UTC))
    with after_write(session, outcome is not None and outcome.written):
        _report(session, after)
    if outcome is not None and outcome.commit:
        session.console.note(Message("commit {commit}", commit=short_id(outcome.commit)))
    elif outcome is not None and not outcome.written:
        session.console.note(Message("dry run: nothing was written"))
    for state in after:
        if state.refused is not None:
            why = Message("{alias}: {why}", alias=state.alias, why=state.refused.message)
            session.console.fault(Refused(why, state.refused.hint))
    return int(any(state.refused for state in after))


@app.command("check", help=t("check what is kept of the sources, without a network"))
@with_session(formats=FORMATS)
def check_command(session: Session) -> int:
    """1 if something differs."""
    found = check(session.workspace, session.today)
    _report(session, states(session.workspace.current))
    for finding in found:
        session.console.fault(Refused(Message("{file}: {why}", file=finding.where.file, why=finding.message)))
    return int(any(finding.severity == "error" for finding in found))


@app.command("close", help=t("keep the last release of a source that ended as it is"))
@with_session(formats=FORMATS, recovers=True)
def close_command(session: Session, writing: Writing, alias: Alias) -> int:
    options = writing.options(session, session.today)
    with attempt(session):
        outcome = close(session.workspace, alias, options)
    return report_write(session, outcome)


@app.command("repin", help=t("begin again from the latest release, after comparing its digest with the publisher"))
@with_session(formats=FORMATS, recovers=True)
def repin_command(session: Session, writing: Writing, alias: Alias, manifest: Manifest) -> int:
    if manifest is None:
        raise UsageFault(
            Message("say which release is meant"),
            Message("ask the publisher for the digest, then add --manifest DIGEST"),
        )
    options = writing.options(session, session.today)
    with attempt(session):
        outcome = repin(session.workspace, alias, manifest, options, datetime.now(UTC))
    return report_write(session, outcome)


def _read_keys(session: Session, file: str) -> list[str]:
    try:
        content = read_regular(session.directory / file, LARGEST_KEYS, follow=True)
    except OSError as fault:
        raise UsageFault(Message("{file} cannot be read: {why}", file=file, why=fault.strerror or "")) from None
    lines = (text.strip() for text in content.decode("utf-8", "replace").splitlines())
    return [text for text in lines if text and not text.startswith("#")]


def _report(session: Session, sources: Iterable[SourceState]) -> None:
    if session.format == "json":
        session.console.write(json_text({"version": 1, "sources": [_json(state) for state in sources]}))
    else:
        session.console.show(list(_blocks(session, list(sources))))


def _blocks(session: Session, sources: list[SourceState]) -> Iterator[Block]:
    lang = session.lang
    if not sources:
        yield line(Message("No sources.").in_(lang))
        return
    yield Grid([cells(state.alias, *_cells(session, state)) for state in sources])


def _cells(session: Session, state: SourceState) -> tuple[str | Span, ...]:
    lang, pin = session.lang, state.pin
    if pin is None:
        return (Message("nothing kept yet").in_(lang), "", "", Span(state.source.url, "dim"))
    issued = typed_day("issued", pin.issued[:10])
    age = (session.today - issued).days
    release = Message("release {serial}", serial=pin.serial).in_(lang)
    days = Message("{n} days old", n=age).in_(lang) if age > 1 else day(issued).in_(lang)
    return (release, days, Span(_state_of(session, state).in_(lang), "dim"), Span(state.source.url, "dim"))


def _state_of(session: Session, state: SourceState) -> Message:
    pin = state.pin
    if state.source.closed is not None:
        return Message("closed")
    if pin is not None and pin.refused:
        return Message("a later release was refused ({why})", why=pin.refused)
    if pin is not None and typed_day("expires", pin.expires[:10]) < session.today:
        return Message("expired")
    return Message("updated") if state.is_news else Message("in order")


def _json(state: SourceState) -> dict[str, Json]:
    pin, refused = state.pin, state.refused
    return {
        "alias": state.alias,
        "id": state.source.id,
        "url": state.source.url,
        "serial": pin.serial if pin else None,
        "manifest": pin.manifest if pin else None,
        "commit": pin.commit if pin else None,
        "issued": pin.issued if pin else None,
        "expires": pin.expires if pin else None,
        "lost": pin.lost if pin else None,
        "closed": str(state.source.closed) if state.source.closed else None,
        "refused": refused.why if refused else pin.refused if pin and pin.refused else None,
        "news": state.is_news,
    }
