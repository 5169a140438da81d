"""`audit`, `audit seal`, `audit timestamp`, `audit countersign`, `audit verify`, `audit dossier`"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from smartreg import __version__
from smartreg.cli.findings import FailOn, reaches
from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.cli.writing import after_write
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.escape import json_text
from smartreg.core.messages import Message, Text, plural
from smartreg.core.messages import day as in_words
from smartreg.core.styled import Line, Span, line
from smartreg.core.typed import day
from smartreg.core.values import short_id
from smartreg.features.proofs import audit_report, seals_report
from smartreg.features.proofs.audit import (
    AuditOptions,
    CreatedSeal,
    SealOptions,
    audit,
    incomplete,
    seal,
    seal_named,
    verify,
)
from smartreg.features.proofs.countersign import Countersigned, countersign, hand_in
from smartreg.features.proofs.dossier import Dossier, DossierOptions, dossier
from smartreg.features.proofs.dossier_check import check_dossier
from smartreg.features.proofs.dossier_history import Period
from smartreg.features.proofs.proofs import Elsewhere
from smartreg.features.proofs.timestamp import (
    Stamped,
    ask_authority,
    check_address,
    no_address,
    pending_timestamp,
    record_timestamp,
    request_timestamp,
)
from smartreg.features.proofs.trail import Seal
from smartreg.features.proofs.trail.proofs import LARGEST
from smartreg.gitio import refuse_our_trailers
from smartreg.wording.summing import count
from smartreg.workspace.documents import content_of
from smartreg.workspace.output import output, save

Since: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="REV|SEAL",
        help=t("start after this one (default: the latest seal)"),
    ),
]
Everything: TypeAlias = Annotated[bool, typer.Option("--all", help=t("start at the first commit"))]
Anchor: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--anchor",
        metavar="COMMIT",
        help=t("fail unless the history contains this commit"),
    ),
]
Lines: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="SEAL|LINE",
        help=t("a seal, or its line as another party keeps it (default: all seals)"),
    ),
]
CommitMessage: TypeAlias = Annotated[
    str | None, typer.Option("-m", "--message", metavar="TEXT", help=t("add a remark"))
]
Sign: TypeAlias = Annotated[bool, typer.Option("--sign", help=t("sign the tag (git tag --sign)"))]
DryRun: TypeAlias = Annotated[bool, typer.Option("-n", "--dry-run", help=t("show the seal without making it"))]
SealName: TypeAlias = Annotated[str | None, typer.Argument(metavar="SEAL", help=t("a seal (default: the latest)"))]
SealTimestamp: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--timestamp",
        metavar="URL",
        help=t("and have this authority timestamp it (default: timestamp_url in smartreg.toml)"),
    ),
]
Url: TypeAlias = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help=t("the authority to ask (default: timestamp_url in smartreg.toml)")),
]
Request: TypeAlias = Annotated[
    str | None,
    typer.Option("--request", metavar="FILE", help=t("write the request to a file, to carry it to an authority")),
]
Reply: TypeAlias = Annotated[
    str | None,
    typer.Option("--reply", metavar="FILE", help=t("the reply that was carried back, with its --request")),
]
Authority: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        help=t("certificates of the authority, with revocation lists (PEM), to keep with the timestamp"),
    ),
]
Roots: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        help=t("certificates of timestamp authorities and revocation lists (PEM) that you have from elsewhere"),
    ),
]
HandedIn: TypeAlias = Annotated[
    list[str],
    typer.Option("--countersignature", metavar="FILE", help=t("compare with this countersignature as well")),
]
DossierFolder: TypeAlias = Annotated[
    str | None,
    typer.Option("--dossier", metavar="FOLDER", help=t("compare a dossier with this registry as well")),
]
DossierDigest: TypeAlias = Annotated[
    str | None,
    typer.Option("--digest", metavar="DIGEST", help=t("the digest of that dossier, as whoever made it told you")),
]
DossierRecord: TypeAlias = Annotated[
    str | None, typer.Argument(metavar="RECORD", help=t("a record or convention, with its chain of title"))
]
Whole: TypeAlias = Annotated[bool, typer.Option("--all", help=t("the whole registry, with its whole history"))]
FirstDay: TypeAlias = Annotated[str | None, typer.Option("--since", metavar="DATE", help=t("changes from this day on"))]
LastDay: TypeAlias = Annotated[str | None, typer.Option("--until", metavar="DATE", help=t("changes up to this day"))]
Recipient: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="NAME",
        help=t("evidence for this recipient (default: a public dossier, of the seals alone)"),
    ),
]
FromFile: TypeAlias = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE", help=t("record a countersignature that was made elsewhere")),
]
ToFile: TypeAlias = Annotated[
    str | None,
    typer.Option("--to", metavar="FILE", help=t("write the countersignature to a file, to hand it in elsewhere")),
]


app = typer.Typer()


@app.callback()
@with_session(formats=("text", "json", "markdown"))
def audit_command(session: Session, since: Since, everything: Everything, anchor: Anchor, fail_on: FailOn) -> int:
    with show_progress(session, Message("reading and checking the history")):
        audited = audit(session.workspace, AuditOptions(since, anchor, everything))
    if session.format == "json":
        session.console.write(audit_report.render_audit_json(audited, lang=session.lang))
    elif session.format == "markdown":
        session.console.write(audit_report.render_audit_markdown(audited, lang=session.lang, zone=session.zone))
    else:
        session.console.show(
            audit_report.render_audit(audited, lang=session.lang, zone=session.zone, limit=not session.console.quiet)
        )
    if incomplete(audited.general):
        return StateFault.exit_code
    return int(reaches((finding.severity for finding in audited.findings), fail_on))


@app.command(
    "seal",
    help=t("seal the current commit, and print the line to send"),
)
@with_session(formats=("text", "json"))
def seal_command(
    session: Session,
    message: CommitMessage,
    sign: Sign,
    timestamp: SealTimestamp,
    authority: Authority,
    dry_run: DryRun,
) -> int:
    refuse_our_trailers("-m", message)
    if timestamp is not None:
        check_address(timestamp)
    kept = _read(session, authority)
    with show_progress(session, Message("reading what is sealed")):
        made = seal(session.workspace, SealOptions(message or "", sign, dry_run))
    with after_write(session, made.new and made.seal is not None):
        if session.format == "json":
            session.console.write(seals_report.seal_object(made.name, made.sealed, made.seal, new=made.new))
            return 0
        session.console.show(_seal_lines(session, made))
    if made.seal is None:
        session.console.note(Message("dry run: no tag was made"))
        return 0
    status = session.workspace.git.status()
    if status.dirty() or status.untracked:
        session.console.note(Message("uncommitted changes are not sealed"))
    url = timestamp or session.workspace.registry("HEAD").config.audit.timestamp_url
    if url:
        _stamp_sealed(session, made.seal, url, kept)
    return 0


def _stamp_sealed(session: Session, sealed: Seal, url: str, kept: bytes) -> None:
    """Raises StateFault if the authority gave no timestamp: the seal is there all the same."""
    try:
        pending = pending_timestamp(session.workspace, sealed, session.today)
        if pending.is_due:
            request = request_timestamp(pending)
            stamped = record_timestamp(session.workspace, pending, request, ask_authority(url, request), kept)
            session.console.note(_describe_stamp(stamped))
    except (Refused, StateFault) as fault:
        raise StateFault(
            Message("{seal} was made, and is without a timestamp: {why}", seal=sealed.name, why=fault.message),
            Message("try again: smartreg audit timestamp {seal}", seal=sealed.name),
        ) from None


@app.command("timestamp", help=t("have an authority timestamp a seal (RFC 3161), or renew that"))
@with_session(formats=("text", "json"), recovers=True)
def timestamp_command(
    session: Session, name: SealName, url: Url, request: Request, reply: Reply, authority: Authority
) -> int:
    if reply is not None and request is None:
        raise UsageFault(
            Message("--reply needs the --request that it answers"),
            Message("smartreg audit timestamp --request FILE writes one"),
        )
    if url is not None and request is not None:
        raise UsageFault(Message("--url and --request cannot be used together"))
    kept = _read(session, authority)
    target = seal_named(session.workspace, name)
    pending = pending_timestamp(session.workspace, target, session.today)
    latest = pending.latest
    if latest is not None and not pending.is_due:
        until = in_words(latest.ends)
        session.console.note(
            Message("{seal} has a timestamp already; renew it before {until}", seal=target.name, until=until)
        )
        return 0
    if request is not None and reply is None:
        save(output(str(session.directory / request), session.directory), request_timestamp(pending))
        session.console.note(
            Message(
                "request written; when the authority has answered: smartreg audit timestamp {seal} --request {request} "
                "--reply FILE",
                seal=target.name,
                request=request,
            )
        )
        return 0
    if request is not None:
        question, answer = _read(session, request), _read(session, reply)
    else:
        address = url or session.workspace.registry("HEAD").config.audit.timestamp_url
        if not address:
            raise no_address()
        question = request_timestamp(pending)
        answer = ask_authority(address, question)
    stamped = record_timestamp(session.workspace, pending, question, answer, kept)
    with after_write(session, True):
        if session.format == "json":
            session.console.write(seals_report.stamped_object(stamped.seal.name, stamped.timestamp, stamped.commit))
        else:
            session.console.show([line(_describe_stamp(stamped).in_(session.lang))])
    return 0


def _describe_stamp(stamped: Stamped) -> Text:
    stamp = stamped.timestamp
    return Message(
        "Timestamped {seal}: {moment}, {authority} (commit {commit})",
        seal=stamped.seal.name,
        moment=stamp.moment,
        authority=stamp.authority,
        commit=short_id(stamped.commit),
    )


@app.command("countersign", help=t("sign the line of a seal for your party, or record what it signed elsewhere"))
@with_session(formats=("text", "json"), recovers=True)
def countersign_command(session: Session, name: SealName, source: FromFile, target: ToFile) -> int:
    workspace = session.workspace
    if source is not None and (name is not None or target is not None):
        raise UsageFault(Message("--from is used alone: the file says which seal it signs"))
    if source is not None:
        seals = {checked.name: checked.seal for checked in verify(workspace).seals if checked.seal is not None}
        made = hand_in(workspace, _read(session, source), seals, session.today)
    else:
        made = countersign(workspace, seal_named(workspace, name), session.today, record=target is None)
    if target is not None:
        save(output(str(session.directory / target), session.directory), made.content)
    with after_write(session, made.commit is not None):
        if session.format == "json":
            session.console.write(seals_report.countersigned_object(made.party, made.signed.seal_line, made.commit))
        else:
            session.console.show(_countersigned_lines(session, made, target))
    if not made.agrees:
        session.console.note(Message("it signs another line than that of the seal here: smartreg audit verify"))
    return 0


def _countersigned_lines(session: Session, made: Countersigned, target: str | None) -> Iterator[Line]:
    values = {"seal": made.signed.seal_line.name, "party": made.party.id}
    done = Message("Countersigned {seal} for {party}", **values)
    yield line(
        Span(done.in_(session.lang), "bold"), Span(f"  (commit {short_id(made.commit)})", "dim") if made.commit else ""
    )
    yield line("  ", Span(made.signed.seal_line.text, "code"))
    if target is not None:
        yield line(Message("Send {file} to the other parties", file=target).in_(session.lang))


def _read(session: Session, word: str | None) -> bytes:
    """The bytes of a file that the user names; none for no name."""
    if word is None:
        return b""
    content = content_of(session.directory / word, LARGEST)
    if not content or len(content) > LARGEST:
        raise UsageFault(Message("{file} is empty, or larger than a megabyte", file=word))
    return content


@app.command("verify", help=t("check the seals again"))
@with_session(formats=("text", "json"))
def verify_command(
    session: Session,
    lines: Lines,
    roots: Roots,
    handed_in: HandedIn,
    folder: DossierFolder,
    digest: DossierDigest,
) -> int:
    """1 if something does not hold, 3 if a part, or everything for lack of seals, could not be checked."""
    with show_progress(session, Message("checking the seals")):
        files = {file: _read(session, file) for file in handed_in}
        elsewhere = Elsewhere(_read(session, roots) or None, files, session.today)
        verified = verify(session.workspace, lines, elsewhere)
        compared = None
        if folder is not None:
            compared = check_dossier(session.workspace, folder, session.directory / folder, digest)
        elif digest is not None:
            raise UsageFault(Message("--digest is that of a dossier: name it with --dossier FOLDER"))
    shown = (verified.seals, verified.seal_line, verified.faults, verified.proofs.by_seal)
    if session.format == "json":
        session.console.write(seals_report.render_seals_json(*shown, compared, lang=session.lang))
    else:
        session.console.show(seals_report.render_seals(*shown, lang=session.lang))
        if folder is not None and compared is not None:
            session.console.show(seals_report.render_dossier(folder, compared, digest is not None, lang=session.lang))
    findings = [*verified.findings, *(compared or ())]
    unseen = incomplete(findings) or not (verified.seals or findings)
    return StateFault.exit_code if unseen else int(any(finding.severity == "error" for finding in findings))


@app.command("dossier", help=t("write what others need to check the registry without smartreg (BagIt)"))
@with_session(formats=("text", "json"), own_output=True)
def dossier_command(
    session: Session, record: DossierRecord, whole: Whole, since: FirstDay, until: LastDay, recipient: Recipient
) -> int:
    if session.output is None:
        raise UsageFault(Message("name the folder or ZIP to write: -o FOLDER, -o FILE.zip"))
    period = Period(day("--since", since) if since else None, day("--until", until) if until else None)
    word = session.from_root(record) if record is not None else None
    options = DossierOptions(word, whole, period, recipient)
    with show_progress(session, Message("collecting the evidence")):
        made = dossier(session.workspace, options, session.output)
    with after_write(session, True):
        if session.format == "json":
            about = {"seal": made.seal.line, "files": made.files, "bytes": made.size, "script_sha256": made.script}
            about |= {"dossier_sha256": made.digest, "missing": made.missing}
            session.console.write(json_text({"version": audit_report.VERSION, "smartreg": __version__, **about}))
            return 0
        session.console.show(_dossier_lines(session, session.output.path, made))
        if recipient is not None:
            session.console.note(Message("it has personal data: it is for its recipient, and not to be published"))
    return 0


def _dossier_lines(session: Session, path: Path, made: Dossier) -> Iterator[Line]:
    values = {"path": path, "seal": made.seal.name, "files": made.files}
    yield line(Message("{path}: {files} files, as of {seal}", **values).in_(session.lang))
    if made.missing:
        missing = plural(
            "{n} thing is missing, which data/index.html names.",
            "{n} things are missing, which data/index.html names.",
            n=made.missing,
        )
        yield line(Span(missing.in_(session.lang), "warning"))
    yield line(Message("Send these lines by another way than the dossier (a letter, minutes):").in_(session.lang))
    yield line("  ", Span(made.seal.line, "code"))
    yield line("  ", Span(f"dossier sha256:{made.digest}", "code"))
    yield line("  ", Span(f"check.sh sha256:{made.script}", "code"))
    published = Message(
        "The release notes of smartreg {version} publish the same digest of check.sh: who forges a dossier can forge "
        "the script in it.",
        version=__version__,
    )
    yield line(published.in_(session.lang))


def _seal_lines(session: Session, made: CreatedSeal) -> Iterator[Line]:
    if made.seal is None:
        yield line(Span(made.name, "name"))
        yield from (line(text) for text in made.text.splitlines())
        return
    sealed, lang = made.sealed, session.lang
    records = plural("{number} record", "{number} records", n=sealed.records, number=count(sealed.records))
    values = {"commit": short_id(sealed.commit), "records": records}
    done = Message("Sealed {commit}, {records}", **values)
    if not made.new:
        done = Message("Sealed already: {commit}, {records}", **values)
    yield line(Span(done.in_(lang), "bold"), "  ", Span(made.name, "name"))
    yield line(Message("Push the tag, and send this line to the other parties:").in_(lang))
    yield line(f"  git push origin {made.name}")
    yield line("  ", Span(made.seal.line, "code"))
