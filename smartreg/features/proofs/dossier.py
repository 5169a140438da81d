"""`audit dossier`: what a stranger needs to check the registry without smartreg, as a BagIt folder (RFC 8493) or ZIP.

An *evidence* dossier is for a named recipient and has Git objects, with all that these tell; a *public* one has the
lines of the seals and their timestamps. Both are as of the latest seal. The same seal, recipient and version give the
same bytes (with the same Git, which packs the objects).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from smartreg import __version__
from smartreg.commands.coverage import state_on
from smartreg.commands.past import first_parents
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text, verbatim
from smartreg.core.secret import refuse_private
from smartreg.core.values import RecordId
from smartreg.domain.chain_of_title import ChainOfTitle, chain_of_title, documents_of
from smartreg.features.proofs.audit import compare_with_registry
from smartreg.features.proofs.dossier_history import (
    ALWAYS,
    FileState,
    Period,
    agreements_of,
    objects_for,
    states_at,
    states_of,
    steps_in,
    steps_of_record,
    write_pack,
)
from smartreg.features.proofs.dossier_report import (
    SCRIPT,
    DossierFacts,
    DossierSeal,
    DossierStep,
    checking,
    page,
    script,
)
from smartreg.features.proofs.proofs import Elsewhere, check_proofs
from smartreg.features.proofs.trail.countersignatures import ENDING
from smartreg.features.proofs.trail.proofs import SealProofs, folder_of, read_proofs
from smartreg.features.proofs.trail.seals import FOLDER as SEALS
from smartreg.features.proofs.trail.seals import Seal, chain
from smartreg.gitio import Commit, Repo
from smartreg.gitio.tags import tags
from smartreg.history.steps import Step
from smartreg.registry import Registry
from smartreg.workspace.output import Output
from smartreg.workspace.workspace import Workspace, record_named

IDENTIFIER, AGENT = "External-Identifier", "Bag-Software-Agent"
TAG_MANIFEST = "tagmanifest-sha256.txt"
_LANGUAGES: Mapping[str, Language] = {"": "en", ".fr": "fr"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say: the same bytes on any day


@dataclass(frozen=True)
class DossierOptions:
    """`word`: a record (None: what changed in the `period`, or `everything`); `recipient`: for whom, None for a public
    dossier, which is about the seals alone."""

    word: str | None
    everything: bool = False
    period: Period = ALWAYS
    recipient: str | None = None


@dataclass(frozen=True)
class Dossier:
    """What was written: the number of its files and bytes, the latest seal that it is as of, the digest of the script
    in it, and that of the whole (of its tag manifest, which lists all other digests); how much it knows to be
    missing."""

    files: int
    size: int
    seal: Seal
    script: str
    digest: str
    missing: int


@dataclass(frozen=True)
class _Subject:
    """What a dossier is about: the records (None: all), the states of their files (with those of their chain of title)
    from the top of the repository, the steps told on the page, the commits by which parties agreed, and the chain of a
    single record on `on`, with what it owes to other days."""

    records: Mapping[RecordId, None] | None
    states: Sequence[FileState]
    steps: Sequence[Step]
    agreed: Sequence[Commit]
    on: date | None = None
    chain: ChainOfTitle | None = None
    note: Text | None = None


def dossier(workspace: Workspace, options: DossierOptions, target: Output) -> Dossier:
    """Write a dossier into a new folder, or a ZIP. UsageFault for options that exclude each other and for a folder that
    is not empty; StateFault without a seal; Refused if a seal, or what was given for it, does not hold."""
    _refuse_options(options)
    _refuse_target(target)
    seals, proofs, registry = _checked_seals(workspace)
    from tempfile import mkdtemp  # heavy, and most runs write no dossier

    zipped = _is_zip(target)
    folder = Path(mkdtemp(prefix=f".{target.path.name}.", dir=target.path.parent)) if zipped else target.path
    try:
        missing = _write(workspace, registry, options, seals, proofs, folder)
        size = _finish_bag(workspace, registry, options, seals[-1], folder)
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        digest = _digest(folder / TAG_MANIFEST)
        if zipped:
            _zip(folder, target.path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if zipped:
        shutil.rmtree(folder)
    return Dossier(files, size, seals[-1], hashlib.sha256(script().encode()).hexdigest(), digest, missing)


def _checked_seals(workspace: Workspace) -> tuple[Sequence[Seal], Mapping[str, SealProofs], Registry]:
    """The seals, what others gave for them, and the registry of the last one. Raises Refused if something does not
    hold, StateFault without a seal. All files are read again for the last seal alone, which the dossier is as of: that
    the others hold follows from their trees."""
    repo = workspace.git
    head = repo.resolve("HEAD")
    chained = chain(repo, head)
    proofs = check_proofs(workspace, head, chained, Elsewhere())
    _refuse_wrong([*proofs.findings, *(finding for checked in chained for finding in checked.findings)])
    if not chained:
        raise StateFault(
            Message("there is no seal yet, and without one a dossier proves nothing"),
            Message("smartreg audit seal makes one"),
        )
    seals = [checked.seal for checked in chained if checked.seal is not None]
    registry = workspace.registry(seals[-1].sealed.commit)
    _refuse_wrong(compare_with_registry(workspace, chained[-1], registry).findings)
    return seals, proofs.by_seal, registry


def _refuse_wrong(findings: Sequence[Finding]) -> None:
    wrong = next((finding for finding in findings if finding.severity == "error"), None)
    if wrong is not None:
        raise Refused(
            Message("no dossier on what does not hold: {message}", message=wrong.message),
            Message("smartreg audit verify shows everything"),
        )


def _is_zip(target: Output) -> bool:
    return target.path.suffix == ".zip" and not target.as_folder


def _refuse_options(options: DossierOptions) -> None:
    about = [options.word is not None, options.everything, options.period != ALWAYS]
    if options.recipient is None and any(about):
        raise UsageFault(
            Message("a public dossier is about the seals, and has no records"),
            Message("--for NAME makes an evidence dossier for that recipient"),
        )
    if options.recipient is not None:
        refuse_private([("--for", options.recipient)])
        if not options.recipient.strip() or not options.recipient.isprintable():
            raise UsageFault(Message("--for needs the name of the recipient, on one line"))
        if not any(about):
            raise UsageFault(Message("name a record, a period (--since, --until), or --all"))
    if options.word is not None and options.everything:
        raise UsageFault(Message("--all and a record cannot be used together"))


def _refuse_target(target: Output) -> None:
    target.refuse_root()
    path = target.path
    if _is_zip(target):
        target.refuse_folder()
    elif os.path.lexists(path) and (not path.is_dir() or any(path.iterdir())):
        raise UsageFault(
            Message("{path} is there already", path=path), Message("choose a new folder; nothing was written")
        )
    elif not path.parent.is_dir():
        raise UsageFault(Message("there is no folder {parent}", parent=path.parent))


def _write(
    workspace: Workspace,
    registry: Registry,
    options: DossierOptions,
    seals: Sequence[Seal],
    proofs: Mapping[str, SealProofs],
    folder: Path,
) -> int:
    """Everything but the manifests; how much is known to be missing."""
    repo, data = workspace.git, folder / "data"
    head = seals[-1].sealed.commit
    _text(data / "facts" / "seals", "".join(f"{seal.line}\n" for seal in seals))
    given = read_proofs(repo, repo.resolve("HEAD"))
    for seal in seals:
        for name, content in given.get(seal.name, {}).items():
            if options.recipient is not None or not name.endswith(ENDING):
                _bytes(data / folder_of(seal.name) / name, content)
    steps: tuple[DossierStep, ...] = ()
    files: list[str] = []
    about: dict[str, Any] = {}
    missing: tuple[Text, ...] = ()
    if options.recipient is not None:
        subject = _subject(workspace, registry, options, seals)
        contents = {tag.name: tag.content for tag in tags(repo, SEALS)}
        for seal in seals:
            _bytes(data / "tags" / seal.name.removeprefix(f"{SEALS}/"), contents[seal.name])
        files = _write_evidence(repo, data, head, subject, everything=options.everything)
        steps = _steps(workspace, head, subject)
        if subject.chain is not None:
            missing = (*subject.chain.missing, *_missing_proofs(seals[-1], proofs))
            about = {"on": subject.on, "chain": subject.chain.told, "note": subject.note, "missing": missing}
    for ending, lang in _LANGUAGES.items():
        facts = DossierFacts(
            registry.config.name,
            _about(options, registry).in_(lang),
            options.recipient,
            tuple(_seal(seal, proofs[seal.name], options.recipient is not None) for seal in seals),
            tuple(files),
            steps,
            _period(options.period).in_(lang),
            **about,
        )
        _text(data / f"index{ending}.html", page(facts, lang=lang))
    for path, text in constant_texts().items():
        _text(folder / path, text)
    return len(missing)


def _missing_proofs(seal: Seal, proofs: Mapping[str, SealProofs]) -> Iterator[Text]:
    """What nobody has given for the last seal."""
    given = proofs[seal.name]
    if not given.timestamps:
        yield Message("{seal} has no timestamp: nothing here says when it existed.", seal=seal.name)
    if not given.countersignatures:
        yield Message("No party has countersigned {seal}.", seal=seal.name)


def constant_texts() -> Mapping[str, str]:
    """The files of a dossier that are the same in each one of a version, by their path."""
    by_hand = {f"data/CHECK{ending}.md": checking(lang) for ending, lang in _LANGUAGES.items()}
    return {f"data/{SCRIPT}": script(), **by_hand}


def _seal(seal: Seal, proofs: SealProofs, with_parties: bool) -> DossierSeal:
    moments = tuple(f"{stamp.moment}, {stamp.authority}" for stamp in proofs.timestamps)
    parties = tuple(signature.party.id for signature in proofs.countersignatures) if with_parties else ()
    return DossierSeal(seal.line, moments, parties)


def _about(options: DossierOptions, registry: Registry) -> Text:
    if options.word is not None:
        return verbatim(str(record_named(registry, options.word)))
    return Message("the whole registry") if options.everything else Message("the records that changed")


def _period(period: Period) -> Text:
    if period == ALWAYS:
        return verbatim("")
    since, until = period.since or "…", period.until or "…"
    return Message("Changes from {since} to {until}, by the days of the commits.", since=since, until=until)


def _subject(workspace: Workspace, registry: Registry, options: DossierOptions, seals: Sequence[Seal]) -> _Subject:
    repo, head, period = workspace.git, seals[-1].sealed.commit, options.period
    days = workspace.history.days(head)
    sealed = list(dict.fromkeys(seal.sealed.commit for seal in seals))
    if options.everything:
        paths = [repo.prefix + path for path in repo.paths if repo.entry(head, path) is not None]
        told = steps_in(repo, registry.schemas, head, period, days) if period != ALWAYS else ()
        return _Subject(None, states_at(repo, sealed, paths), told, agreements_of(repo, head, None))
    if options.word is None:
        steps = steps_in(repo, registry.schemas, head, period, days)
        records = dict.fromkeys(touch.rid for step in steps for touch in step.touches)
        around: Iterable[str] = ()
        on, chain, note = None, None, None
    else:
        rid = record_named(registry, options.word)
        steps = steps_of_record(repo, registry.schemas, registry.files_of(rid), head, period, days)
        records = {rid: None}
        on, chain, note = _chain_on(workspace, registry, rid, period, days[head])
        around = _files_around(registry, chain)
        sealed += [oid for oid in (_commit_on(workspace, head, on),) if oid is not None and oid not in sealed]
    states = list(states_of(steps, repo.prefix))
    paths = [state.path for state in states] + [repo.prefix + path for path in around]
    if not paths:
        raise UsageFault(Message("no record changed in this period"), Message("smartreg log --since DATE --until DATE"))
    at_seals = states_at(repo, sealed, sorted(dict.fromkeys(paths)))
    # Those at the last seal in the order of the manifest, by which the script compares them with the copies.
    states = [state for state in (*states, *at_seals) if state.commit != head]
    states += [state for state in at_seals if state.commit == head]
    return _Subject(records, states, steps, agreements_of(repo, head, records), on, chain, note)


def _chain_on(
    workspace: Workspace, registry: Registry, rid: RecordId, period: Period, last: date
) -> tuple[date, ChainOfTitle, Text | None]:
    """The chain of a record on the last day that was asked for, else on that of the seal; with the conventions as they
    were signed by the seal."""
    on = min(period.until or last, last)
    past = state_on(workspace, registry.load_all(), on, last)
    record = past.registry.get(rid) or registry.get(rid)
    assert record is not None  # `rid` names one
    chain = chain_of_title(past.registry, record, on)
    return on, chain, past.note(past.late.intersection(chain.records))


def _commit_on(workspace: Workspace, head: str, on: date) -> str | None:
    """The commit that the registry was at, at the end of a day."""
    return next((oid for day, oid in first_parents(workspace.history, head) if day <= on), None)


def _files_around(registry: Registry, chain: ChainOfTitle) -> Iterator[str]:
    """The files of the records of a chain, and the documents that they name and the registry has."""
    files = frozenset(registry.tree.files())
    for rid in chain.records:
        yield from registry.files_of(rid)
        record = registry.get(rid)
        if record is not None:
            yield from documents_of(record, files)


def _write_evidence(repo: Repo, data: Path, head: str, subject: _Subject, *, everything: bool) -> list[str]:
    """The pack, the states and the agreements; the paths of the files as of the seal, which lie there as copies unless
    the whole history does."""
    states = list(dict.fromkeys(subject.states))
    whole = " all" if everything else ""
    _text(data / "facts" / "head", f"{repo.object_format()} {head}{whole}\n")
    _text(data / "facts" / "states", "".join(f"{state.commit} {state.oid or '-'} {state.path}\n" for state in states))
    _text(data / "facts" / "agreements", "".join(f"{commit.oid}\n" for commit in subject.agreed))
    write_pack(repo, None if everything else objects_for(repo, head, states), head, data / "objects.pack")
    if everything:
        return []
    present = {state.path: state.oid for state in states if state.commit == head and state.oid is not None}
    contents = dict(repo.blobs(dict.fromkeys(present.values())))
    for path, oid in present.items():
        _bytes(data / "files" / path, contents[oid])
    return sorted(present)


def _steps(workspace: Workspace, head: str, subject: _Subject) -> tuple[DossierStep, ...]:
    """What happened, oldest first: the commits that touched the records, and those by which parties agreed."""
    repo, days = workspace.git, workspace.history.days(head)
    commits = {step.commit.oid: step.commit for step in subject.steps}
    agreed = {commit.oid: commit for commit in subject.agreed} if subject.records else {}
    everything = commits | agreed
    order = [oid for oid in reversed(list(repo.parents(head))) if oid in everything]
    return tuple(DossierStep(oid, days.get(oid), everything[oid].author_name, everything[oid].subject) for oid in order)


def _finish_bag(workspace: Workspace, registry: Registry, options: DossierOptions, seal: Seal, folder: Path) -> int:
    """Write the declarations and manifests of RFC 8493; the number of bytes of the payload."""
    payload = _listed(folder / "data", folder)
    size = sum((folder / name).stat().st_size for name, _ in payload)
    day = workspace.history.days(seal.sealed.commit).get(seal.sealed.commit, date.min)
    about = {
        "Source-Organization": registry.config.name or "-",
        "Bagging-Date": day.isoformat(),
        IDENTIFIER: seal.line,
        "Recipient": options.recipient or "public",
        "Payload-Oxum": f"{size}.{len(payload)}",
        AGENT: f"smartreg {__version__}",
    }
    _text(folder / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    _text(folder / "bag-info.txt", "".join(f"{name}: {value}\n" for name, value in about.items()))
    _text(folder / "manifest-sha256.txt", "".join(f"{digest}  {name}\n" for name, digest in payload))
    tags = [(name, _digest(folder / name)) for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")]
    _text(folder / TAG_MANIFEST, "".join(f"{digest}  {name}\n" for name, digest in tags))
    return size


def _listed(place: Path, folder: Path) -> list[tuple[str, str]]:
    files = [path for path in place.rglob("*") if path.is_file()]
    return sorted((path.relative_to(folder).as_posix(), _digest(path)) for path in files)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _zip(folder: Path, target: Path) -> None:
    """All files in one folder of the ZIP's own name, in order, with one date and mode."""
    import zipfile

    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            about = zipfile.ZipInfo(f"{target.stem}/{path.relative_to(folder).as_posix()}", _EPOCH)
            about.compress_type = zipfile.ZIP_STORED if path.suffix == ".pack" else zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            with archive.open(about, "w", force_zip64=True) as out, path.open("rb") as file:
                shutil.copyfileobj(file, out)


def _text(path: Path, text: str) -> None:
    _bytes(path, text.encode("utf-8", "surrogateescape"))


def _bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
