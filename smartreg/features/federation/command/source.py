"""`source` and its sub-commands"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg.cli.options import offer, t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import FORMATS, Writing, after_write, attempt, report_write
from smartreg.core.clock import now
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, Text, day, verbatim
from smartreg.core.styled import Grid, Span, cells, line
from smartreg.core.typed import day as typed_day
from smartreg.core.values import Json, short_id
from smartreg.features.federation.source_notes import SourceState, notes_on
from smartreg.features.federation.source_settings import add, close
from smartreg.features.federation.sources import check, is_about, repin, states, update
from smartreg.review.sources import KEPT
from smartreg.wording.full import blocks
from smartreg.workspace.documents import public_keys_of
from smartreg.workspace.locating import locator

NewAlias: TypeAlias = Annotated[str, typer.Argument(metavar="ALIAS", help=t("the name of the source here"))]
Alias: TypeAlias = Annotated[
    str, typer.Argument(metavar="ALIAS", help=t("the name of the source here"), autocompletion=offer("aliases"))
]
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
def add_command(session: Session, writing: Writing, alias: NewAlias, address: Address, key: Key) -> int:
    if key is None:
        raise UsageFault(
            Message("a source needs the public key of its publisher"),
            Message("add --key FILE; ask the publisher for it"),
        )
    keys = public_keys_of(Path(key))
    options = writing.options(session, session.today)
    with attempt(session):
        outcome, added = add(session.workspace, alias, address, keys, options)
    code = report_write(session, outcome, Message("Added the source {alias}", alias=alias).in_(session.lang))
    for fingerprint in added.fingerprints:
        session.console.note(
            Message("compare its key with the publisher, by telephone or in person: {key}", key=fingerprint)
        )
    session.console.hint(Message("Then: smartreg source update {alias}", alias=alias))
    return code


@app.command("update", help=t("fetch the latest releases, check them, and keep the records that are named here"))
@with_session(formats=FORMATS, recovers=True)
def update_command(session: Session, writing: Writing, names: Sources) -> int:
    """1 if a release was refused."""
    options = writing.options(session, session.today)
    with attempt(session), show_progress(session, Message("fetching releases")):
        outcome, after = update(session.workspace, names, options, now())
    with after_write(session, outcome is not None and outcome.written):
        _report(session, after, is_dry=outcome is not None and not outcome.written)
    if outcome is not None and outcome.commit:
        session.console.note(Message("commit {commit}", commit=short_id(outcome.commit)))
    elif outcome is not None and not outcome.written:
        session.console.note(Message("dry run: nothing was written"))
    for state in after:
        if state.refused is not None:
            why = Message("{alias}: {why}", alias=state.alias, why=state.refused.message)
            gone = Message("correct its address; if it ended: smartreg source close {alias}", alias=state.alias)
            is_gone = state.refused.why == "unreadable" and state.pin is not None
            session.console.fault(Refused(why, state.refused.hint or (gone if is_gone else None)))
    return int(any(state.refused for state in after))


@app.command("check", help=t("check what is kept of the sources, without a network"))
@with_session(formats=FORMATS)
def check_command(session: Session) -> int:
    """1 if something differs."""
    findings = check(session.workspace, session.today)
    after = states(session.workspace.current)
    severities = {
        state.alias: {each.severity for each in findings if each.code == KEPT and is_about(each, state.alias)}
        for state in after
    }
    _report(session, after, words={alias: _CHECKED["error" in held] for alias, held in severities.items() if held})
    session.console.ask(blocks(findings, locator(session.workspace.current), session.lang))
    return int(any(finding.severity == "error" for finding in findings))


@app.command("close", help=t("keep the last release of a source that ended as it is"))
@with_session(formats=FORMATS, recovers=True)
def close_command(session: Session, writing: Writing, alias: Alias) -> int:
    options = writing.options(session, session.today)
    with attempt(session):
        outcome = close(session.workspace, alias, options)
    return report_write(session, outcome, Message("Closed the source {alias}", alias=alias).in_(session.lang))


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
        outcome = repin(session.workspace, alias, manifest, options, now())
    done = Message("{alias} begins again with the release that you compared", alias=alias)
    return report_write(session, outcome, done.in_(session.lang))


_CHECKED = {True: Message("is not what was published"), False: Message("the store lacks files")}


def _report(
    session: Session, sources: Sequence[SourceState], *, is_dry: bool = False, words: Mapping[str, Text] | None = None
) -> None:
    """`words`: what a check says of a source, by alias."""
    if session.format == "json":
        session.console.write(json_text({"version": 1, "sources": [_json(state) for state in sources]}))
        return
    if not sources and session.workspace.current.config.sources:
        session.console.show([line(Message("Every source is closed.").in_(session.lang))])
    elif sources:
        told = {state.alias: _state_of(session, state, is_dry) for state in sources} | dict(words or {})
        session.console.show([Grid([cells(each.alias, *_cells(session, each, told[each.alias])) for each in sources])])
    else:
        session.console.show([line(Message("No sources.").in_(session.lang))])
        session.console.hint(Message("Add one: smartreg source add ALIAS URL --key FILE"))
    for note in notes_on(session.workspace.current.config, sources):
        session.console.note(note)


def _cells(session: Session, state: SourceState, told: Text) -> tuple[str | Span, ...]:
    lang, pin = session.lang, state.pin
    end = (Span(told.in_(lang), "dim"), Span(state.source.url, "dim"))
    if pin is None:
        return (Message("nothing kept yet").in_(lang), "", *end)
    issued = typed_day("issued", pin.issued[:10])
    age = (session.today - issued).days
    release = Message("release {serial}", serial=pin.serial).in_(lang)
    days = Message("{n} days old", n=age).in_(lang) if age > 1 else day(issued).in_(lang)
    return (release, days, *end)


def _state_of(session: Session, state: SourceState, is_dry: bool) -> Text:
    pin, refusal = state.pin, state.refusal
    if state.source.closed is not None:
        return Message("closed")
    since = refusal.checked if refusal is not None and refusal.refused == "unreadable" else pin and pin.unreachable
    if since:
        return Message("unreachable since {day}", day=day(typed_day("unreachable", since)))
    if why := refusal.refused if refusal is not None else pin and pin.refused:
        return Message("its latest release is refused ({why})", why=why)
    if pin is None:
        return verbatim("")
    if pin.withdrawn:
        return Message("its data were withdrawn")
    if typed_day("expires", pin.expires[:10]) < session.today:
        return Message("expired")
    if is_dry and state.is_news:
        return Message("would be updated")
    if state.is_news:
        return Message("updated")
    return Message("fetched") if state.is_fetched else Message("in order")


def _json(state: SourceState) -> dict[str, Json]:
    pin, refused, refusal = state.pin, state.refused, state.refusal
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
        "withdrawn": pin.withdrawn if pin else None,
        "licence": state.manifest.licence if state.manifest else None,
        "closed": str(state.source.closed) if state.source.closed else None,
        "refused": refused.why if refused else (refusal.refused if refusal else pin and pin.refused) or None,
        "unreachable": (pin and pin.unreachable) or None,
        "news": state.is_news,
    }
