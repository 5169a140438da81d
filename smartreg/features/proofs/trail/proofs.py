"""What others gave for seals, kept in `seals/NUMBER/` beside the records: timestamps (`timestamp-1.tst` with the
certificates and revocation lists of that day in `timestamp-1.pem`), and countersignatures (`PARTY.sig`). Files are
added there, and never changed: each proves something about a moment that has passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from smartreg.core.findings import Finding
from smartreg.core.values import RecordId, short_id
from smartreg.features.proofs.trail.seals import FOLDER as SEALS
from smartreg.features.proofs.trail.seals import SealLine, number_of
from smartreg.gitio import Commit, Repo
from smartreg.registry import PROOF_FOLDER
from smartreg.review.notes import altered_proofs

LARGEST = 1 << 20  # bytes; a token with its chain has 5 000, a long revocation list some 100 000
MOST_FILES = 200  # of one seal


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A timestamp that holds: its number among those of its seal, the moment that the authority states, the authority
    by the subject and SHA-256 of its certificate, and the day on which that ends. `rooted`: its chain leads to a
    certificate that whoever checked has from elsewhere, not only to those kept beside it."""

    number: int
    time: datetime
    authority: str
    fingerprint: str
    ends: date
    rooted: bool

    @property
    def moment(self) -> str:
        """The moment in UTC, to the second."""
        return f"{self.time:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True)
class Countersignature:
    """A party's signature on the line of a seal, by a key (fingerprint) that the registry lists for it. `file`: where
    it is; `recorded`: the day of the commit that brought it in, None if it was handed in for this check only."""

    party: RecordId
    seal_line: SealLine
    key: str
    file: str
    recorded: date | None = None


@dataclass(frozen=True, slots=True)
class SealProofs:
    """What others gave for a seal, as far as it holds, and what is wrong with the rest."""

    timestamps: tuple[Timestamp, ...] = ()
    countersignatures: tuple[Countersignature, ...] = ()
    findings: tuple[Finding, ...] = ()


def folder_of(seal: str) -> str:
    """The folder of what others gave for a seal: `seals/0002`."""
    return f"{PROOF_FOLDER}/{seal.removeprefix(f'{SEALS}/')}"


def read_proofs(repo: Repo, commit: str) -> dict[str, dict[str, bytes]]:
    """The files by the name of their seal, then by their own; in a commit. At most `LARGEST` bytes of each and
    `MOST_FILES` of a seal: what is longer is cut, and does not hold."""
    places: dict[str, dict[str, str]] = {}
    for path, entry in repo.tree(commit, (PROOF_FOLDER,)).items():
        _, _, rest = path.partition("/")
        number, _, name = rest.partition("/")
        seal = f"{SEALS}/{number}"
        if number_of(seal) is not None and entry.mode in ("100644", "100755") and "/" not in name:
            files = places.setdefault(seal, {})
            if len(files) < MOST_FILES:
                files[name] = entry.blob
    blobs = dict.fromkeys(blob for files in places.values() for blob in files.values())
    contents = dict(repo.blobs(blobs, LARGEST))
    return {seal: {name: contents[blob] for name, blob in files.items()} for seal, files in places.items()}


def find_altered(commits: Sequence[Commit]) -> Iterator[Finding]:
    """CHG830 for each file of a proof that one of these commits changed or removed after it had been recorded."""
    for commit in commits:
        yield from altered_proofs(commit.changes, commit=short_id(commit.oid))


def added_by(commits: Sequence[Commit]) -> Mapping[str, Commit]:
    """The commit that first added each file, of commits with the newest first."""
    return {
        change.path: commit
        for commit in commits
        for change in commit.changes
        if change.before is None and change.after is not None and len(commit.parents) < 2
    }
