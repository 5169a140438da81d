"""Check what others gave for the seals: timestamps, countersignatures, and whether both were only ever added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from smartreg.core.clock import now
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.features.proofs.trail.countersignatures import (
    Witnesses,
    broken,
    check_countersignatures,
    compare_signed,
    parties_of,
    read_signed_line,
)
from smartreg.features.proofs.trail.openssl import require_openssl
from smartreg.features.proofs.trail.proofs import (
    Countersignature,
    SealProofs,
    added_by,
    find_altered,
    read_proofs,
)
from smartreg.features.proofs.trail.seals import CheckedSeal, Seal
from smartreg.features.proofs.trail.timestamps import BROKEN, check_timestamps, missing_timestamp, token_name
from smartreg.gitio import commit_days
from smartreg.registry import PROOF_FOLDER, Registry
from smartreg.schema.settings_file import read_config
from smartreg.trees import SETTINGS
from smartreg.workspace.workspace import Workspace


@dataclass(frozen=True)
class Elsewhere:
    """What whoever checks has from elsewhere: certificates of timestamp authorities (`roots`, PEM; None: those kept
    beside the tokens are believed), and countersignatures by the name of their file. `on`: today, in UTC as
    certificates have it."""

    roots: bytes | None = None
    countersignatures: Mapping[str, bytes] = field(default_factory=dict)
    on: date = field(default_factory=lambda: now().date())


@dataclass(frozen=True)
class CheckedProofs:
    """What others gave by the name of the seal, and what is wrong that belongs to no seal here."""

    by_seal: Mapping[str, SealProofs]
    general: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.general, *(finding for proofs in self.by_seal.values() for finding in proofs.findings))


def check_proofs(workspace: Workspace, head: str, seals: Sequence[CheckedSeal], elsewhere: Elsewhere) -> CheckedProofs:
    """Check them all, as the history of `head` has them. StateFault if there are timestamps and no OpenSSL,
    countersignatures and no OpenSSH."""
    repo = workspace.git
    here = {checked.name: checked.seal for checked in seals if checked.seal is not None}
    files = read_proofs(repo, head)
    commits = list(repo.history((PROOF_FOLDER,), start=head)) if files or repo.commit_ids((PROOF_FOLDER,), head) else []
    if any(token_name(1) in names for names in files.values()):
        require_openssl()
    proofs = {
        name: check_timestamps(name, seal.line, files.get(name, {}), elsewhere.roots, elsewhere.on)
        for name, seal in here.items()
    }
    days = commit_days(repo.stamps(head), now()) if here else {}
    proofs |= {name: _with_missing(workspace, here[name], checked, days) for name, checked in proofs.items()}
    general = list(find_altered(commits))

    @cache
    def registry_of(commit: str) -> tuple[Registry, date]:
        return workspace.registry(commit), days.get(commit, elsewhere.on)

    stamped = frozenset(name for name, checked in proofs.items() if checked.timestamps)
    witnesses = Witnesses(repo, head, here, registry_of, stamped, added_by(commits), days)
    results = [*check_countersignatures(files, witnesses), *_handed_in(elsewhere.countersignatures, witnesses)]
    for seal, result in results:
        checked = proofs.get(seal)
        if isinstance(result, Countersignature):
            assert checked is not None
            proofs[seal] = replace(checked, countersignatures=(*checked.countersignatures, result))
        elif checked is None:
            general.append(result)
        else:
            proofs[seal] = replace(checked, findings=(*checked.findings, result))
    return CheckedProofs(proofs, tuple(general))


def _with_missing(workspace: Workspace, seal: Seal, checked: SealProofs, days: Mapping[str, date]) -> SealProofs:
    """With AUD920 if the settings of the sealed commit ask for a timestamp on the day of that, and there is none."""
    if checked.timestamps or any(finding.code == BROKEN for finding in checked.findings):
        return checked
    commit = seal.sealed.commit
    if commit not in days:
        return checked
    try:
        since = read_config(workspace.git.text(commit, SETTINGS)).audit.timestamped_from
    except UsageFault:  # AUD906
        return checked
    if since is None or days[commit] < since:
        return checked
    return replace(checked, findings=(*checked.findings, missing_timestamp(seal.name, since)))


def _handed_in(
    countersignatures: Mapping[str, bytes], witnesses: Witnesses
) -> Iterator[tuple[str, Countersignature | Finding]]:
    """Countersignatures that were given for this check only, by the name of the seal that they sign."""
    for file, content in countersignatures.items():
        signed = read_signed_line(content)
        if signed is None:
            yield "", broken(file, Message("its signature does not match its line"))
            continue
        line = signed.seal_line
        seal = witnesses.seals.get(line.name)
        commits = [witnesses.head]
        if seal is not None and witnesses.repo.tree_id(seal.sealed.commit) is not None:
            commits.append(seal.sealed.commit)
        parties = sorted(frozenset().union(*(parties_of(signed, *witnesses.registry_of(commit)) for commit in commits)))
        contradiction = compare_signed(signed, parties, witnesses, file)
        if contradiction is not None:
            yield line.name, contradiction
        elif len(parties) == 1:
            yield line.name, Countersignature(parties[0], line, signed.key, file)
        else:
            yield line.name, broken(file, Message("no party lists the key {key}", key=signed.key))
