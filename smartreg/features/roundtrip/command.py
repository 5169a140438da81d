"""`verify FILE`, `verify DIR`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg import __version__
from smartreg.cli.options import offer, t
from smartreg.cli.progress import show_progress
from smartreg.cli.report import Conclusion, Deliveries, text_of
from smartreg.cli.session import Session, with_session
from smartreg.core.clock import now
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Message, Text, joined, plural, verbatim
from smartreg.core.messages import day as in_words
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import short_id
from smartreg.features.roundtrip.verify import VerifiedExport, verify
from smartreg.features.roundtrip.verify_release import ComparedCommit, VerifiedFolder, keys_named, verify_folder
from smartreg.importing.comparing import Difference
from smartreg.release.format import moment_text
from smartreg.tables.view import AUDIENCES
from smartreg.wording.summing import count
from smartreg.workspace.workspace import Workspace

SHOWN = 50  # most differences shown to people
DIFFERS = 1

File: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="FILE|DIR", help=t("an exported file, a report, or a folder of releases")),
]
In: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="PACKAGE",
        help=t("the datapackage.json that came with it"),
        autocompletion=offer("files"),
    ),
]
AtCommit: TypeAlias = Annotated[
    str | None,
    typer.Option("--at", metavar="REV|DATE", help=t("the commit that it should match")),
]
ReleaseKeys: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--key",
        metavar="FILE|DIGEST",
        help=t("the public key of the publisher of a release, or its fingerprint"),
        autocompletion=offer("files"),
    ),
]


app = typer.Typer()


@app.command("verify")
@with_session(formats=("text", "json"))
def verify_command(
    session: Session,
    file: File,
    package: In,
    conclusion: Conclusion,
    delivered: Deliveries,
    at: AtCommit,
    keys: ReleaseKeys,
) -> int:
    if Path(file).is_dir():
        return _verify_releases(session, file, keys)
    given = {"conclusion": ("--conclusion", conclusion), "deliveries": ("--deliveries", delivered)}
    texts = {name: text_of(option, path) for name, (option, path) in given.items() if path}
    with show_progress(session, Message("exporting again")):
        verified = verify(session.workspace, Path(file), Path(package) if package else None, at, texts)
    if session.format == "json":
        session.console.write(json_text(_document(verified)))
    else:
        session.console.show(_lines(session, verified))
    return DIFFERS if verified.same == "no" else 0


def _verify_releases(session: Session, folder: str, keys: list[str]) -> int:
    fingerprints, here = keys_named(keys), Path(folder)
    with show_progress(session, Message("verifying")):
        verified = verify_folder(here, fingerprints, now(), _clone_of(session, here))
    if session.format == "json":
        session.console.write(json_text(_release_document(verified)))
    else:
        session.console.show(list(_release_lines(session, verified)))
    return 0 if verified.holds else DIFFERS


def _clone_of(session: Session, folder: Path) -> Workspace | None:
    """The registry at hand, if the releases are its own."""
    try:
        workspace = session.workspace
        registry = workspace.config.id
    except (StateFault, UsageFault):
        return None
    is_of_it = registry and (folder.resolve().name == registry or (folder / registry).is_dir())
    return workspace if workspace.repo is not None and is_of_it else None


def _release_lines(session: Session, verified: VerifiedFolder) -> Iterator[Line]:
    lang, release = session.lang, verified.release
    manifest, last = release.manifest, release.chain[-1]
    issued = in_words(manifest.issued.date())
    what = Message(
        "release {serial} of {name}, issued on {issued}", serial=manifest.serial, name=manifest.name, issued=issued
    )
    yield line(Span(what.in_(lang), "name"))
    yield line("  ", Message("signed by {key}", key=last.signer).in_(lang))
    if manifest.previous is not None:
        earlier = plural("follows {n} release, each signed", "follows {n} releases, each signed", n=manifest.serial - 1)
        yield line("  ", earlier.in_(lang))
    for rotation in release.rotations:
        came, went = ", ".join(rotation.added) or "-", ", ".join(rotation.removed) or "-"
        changed = Message(
            "keys changed in release {serial}: {came} came, {went} went", serial=rotation.serial, came=came, went=went
        )
        yield line("  ", Span(changed.in_(lang), "warning"))
    for item in verified.folders:
        if item.withdrawal is not None:
            gone = Message(
                "release {serial} was withdrawn on {day}: {reason}",
                serial=item.serial,
                day=in_words(item.withdrawal.issued.date()),
                reason=item.withdrawal.reason,
            )
            yield line("  ", Span(gone.in_(lang), "warning"))
    for fault in verified.faults:
        yield line("  ", Span(Message("error: {what}", what=fault).in_(lang), "error"))
    if not verified.faults:
        files = plural("{n} file, as published", "{n} files, as published", n=verified.folders[-1].files)
        yield line("  ", Span(files.in_(lang), "added"))
    if verified.compared is not None:
        yield from _comparison_lines(session, verified.compared, manifest.records[1])
    elif not verified.faults:
        alone = Message("not compared with its commit: no clone of the registry here")
        yield line("  ", Span(alone.in_(lang), "dim"))
    if not verified.holds:
        yield line(Span(Message("Not everything holds: ask the publisher before you use it.").in_(lang), "error"))


def _comparison_lines(session: Session, compared: ComparedCommit, records: int) -> Iterator[Line]:
    lang, commit = session.lang, short_id(compared.commit)
    if compared.same_records:
        good = Message("its {n} records are what the public may see of commit {commit}", n=records, commit=commit)
        yield line("  ", Span(good.in_(lang), "added"))
    else:
        bad = Message("its records are not what the public may see of commit {commit}", commit=commit)
        yield line("  ", Span(bad.in_(lang), "error"))
        yield from (line(f"    {rid}") for rid in compared.records[:SHOWN])
        if len(compared.records) > SHOWN:
            more = count(len(compared.records) - SHOWN)
            yield line(Span(Message("… {more} more: --json", more=more).in_(lang), "dim"))
    made_by, here = (
        " ".join(f"{name} {version}" for name, version in sorted(side.items()))
        for side in (compared.made_by, compared.here)
    )
    if compared.same_values:
        alike = plural(
            "{n} table has the same values in other bytes (made by {made_by}; here {here})",
            "{n} tables have the same values in other bytes (made by {made_by}; here {here})",
            n=len(compared.same_values),
            made_by=made_by,
            here=here,
        )
        yield line("  ", alike.in_(lang))
    for path in compared.other_values:
        differs = Message(
            "{path} does not show what the commit says (made by {made_by}; here {here})",
            path=path,
            made_by=made_by,
            here=here,
        )
        yield line("  ", Span(differs.in_(lang), "error"))


def _release_document(verified: VerifiedFolder) -> dict[str, object]:
    release, compared = verified.release, verified.compared
    return {
        "version": 1,
        "registry": release.manifest.registry,
        "serial": release.manifest.serial,
        "manifest": release.manifest.digest,
        "commit": release.manifest.commit,
        "issued": moment_text(release.manifest.issued),
        "expires": moment_text(release.latest.expires),
        "key": release.chain[-1].signer,
        "rotations": [rotation._asdict() for rotation in release.rotations],
        "withdrawn": {
            str(item.serial): item.withdrawal.reason for item in verified.folders if item.withdrawal is not None
        },
        "faults": [fault.in_(SOURCE) for fault in verified.faults],
        "compared": asdict(compared) if compared else None,
        "holds": verified.holds,
    }


def _document(verified: VerifiedExport) -> dict[str, object]:
    origin = verified.origin
    return {
        "version": 1,
        "file": verified.file,
        "format": verified.form,
        "same": verified.same,
        "commit": verified.commit,
        "reference_date": verified.day,
        "audience": origin.audience,
        "kinds": list(origin.kinds),
        "where": list(origin.where),
        "columns": list(origin.columns),
        **({"crs": origin.crs} if origin.crs else {}),
        **({"labels": origin.labels} if origin.labels else {}),
        "differences": [asdict(item) for item in verified.differences],
    }


def _lines(session: Session, verified: VerifiedExport) -> Iterator[Line]:
    lang = session.lang
    state = Message("commit {commit} ({day})", commit=short_id(verified.commit), day=verified.day)
    outcome, style = {
        "bytes": (
            Message("matches the registry at {state}, byte for byte", state=state),
            "added",
        ),
        "values": (
            Message("has the content of the registry at {state}; only its formatting differs", state=state),
            "added",
        ),
        "no": (
            Message("does not match the registry at {state}", state=state),
            "error",
        ),
    }[verified.same]
    yield line(Span(verified.file, "name"), " ", Span(outcome.in_(lang), style))
    chosen = _describe_choice(verified).in_(lang)
    if chosen:
        yield line(Span(chosen, "dim"))
    for item in verified.differences[:SHOWN]:
        yield from _difference(session, item)
    if len(verified.differences) > SHOWN:
        more = count(len(verified.differences) - SHOWN)
        yield line(Span(Message("… {more} more: --json", more=more).in_(lang), "dim"))
    made_by = dict(verified.origin.said).get("smartreg")
    if verified.same == "no" and isinstance(made_by, str) and made_by != __version__:
        other = Message(
            "made by smartreg {made_by}, checked by {version}: wording may differ for that reason alone",
            made_by=made_by,
            version=__version__,
        )
        yield line(Span(other.in_(lang), "warning"))


def _describe_choice(verified: VerifiedExport) -> Text:
    """The selection that it was made with, if any."""
    origin = verified.origin
    parts = [Message("for {audience}", audience=origin.audience)] if origin.audience != AUDIENCES[-1] else []
    listed = (
        (Message("kind: "), " ".join(origin.kinds)),
        (Message("where "), " ".join(origin.where)),
        (Message("columns: "), ", ".join(origin.columns)),
        (verbatim(""), origin.crs),
        (Message("labels: "), origin.labels),
    )
    parts += [Message("{name}{text}", name=name, text=text) for name, text in listed if text]
    return joined(parts, Message("; "))


def _difference(session: Session, item: Difference) -> Iterator[Line]:
    lang = session.lang
    row = Message("row {row}", row=item.row).in_(lang) if item.row is not None else ""
    place = " ".join(part for part in (item.table, row, item.key) if part)
    if item.what in ("cell", "origin"):
        nothing = Message("nothing").in_(lang)
        sides = (item.exported or nothing, item.present or nothing)
        what = Message("registry: {side}   file: {side2}", side=sides[0], side2=sides[1])
        yield line(f"  {place}  ", Span(item.column, "bold"), f"  {what.in_(lang)}")
        return
    what = _WHAT[item.what]
    yield line(f"  {place}  ", Span(f"{item.column}  " if item.column else "", "bold"), what.in_(lang))


_WHAT = {
    "row missing": Message("is missing in the file"),
    "row added": Message("the registry had no such row"),
    "column missing": Message("the column is missing in the file"),
    "column added": Message("the registry had no such column"),
    "table added": Message("the registry had no such table"),
    "content": Message(
        "differs from what the commit gives here; this format is compared byte for byte: another version may be why"
    ),
    "table missing": Message("the table is missing in the file"),
}
