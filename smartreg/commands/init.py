"""`init`: a new registry: settings, schemas, Git and editor files, and the parties of a metropolis, in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smartreg.codes import Commune, Epci, epci, members, search_epci
from smartreg.commands.scaffold import files_for
from smartreg.edit import Edit, WriteOptions, new_text
from smartreg.errors import StateFault, UsageFault
from smartreg.gitio import Repo, Write, commit, init_repo, open_repo, preflight
from smartreg.registry import FOLDER
from smartreg.schema import Kind, bundled_files, read_schemas
from smartreg.slug import slug
from smartreg.values import Data, RecordId, Words

PARTY = "party"


@dataclass(frozen=True)
class Created:
    """A new registry: where, its parties, and the commit (None without one)."""

    root: Path
    parties: int
    metropole: str | None
    files: tuple[str, ...]
    commit: str | None


def init(
    directory: Path, *, epci_siren: str | None, name: str | None, ci: tuple[str, ...], options: WriteOptions
) -> Created:
    """Make `directory` a registry. StateFault when it is one already or Git cannot commit; UsageFault for an EPCI that
    the official codes do not know. An existing Git repository is used as it is."""
    if (directory / "smartreg.toml").exists():
        raise StateFault(
            Words("this is a registry already", "c'est déjà un registre"),
            Words("smartreg status shows what it holds", "smartreg status montre ce qu'il contient"),
        )
    group = None if epci_siren is None else group_named(epci_siren)
    kinds = read_schemas(bundled_files())
    parties = party_files(kinds.kinds[PARTY], group) if group else {}
    metropole = next(iter(parties)).rpartition("/")[2].removesuffix(".yaml") if parties else None
    texts = files_for(
        kinds, name or (group.name if group else directory.resolve().name), group and group.siren, metropole, ci
    )
    writes: dict[str, bytes | None] = {**texts, **parties}
    rids = tuple(RecordId(PARTY, path.rpartition("/")[2].removesuffix(".yaml")) for path in parties)
    subject = f"Create the registry of {group.name}" if group else "Create a registry"
    edit = Edit("init", rids, writes, subject)
    if options.dry_run:
        return Created(directory, len(parties), metropole, tuple(writes), None)
    repo = _repository(directory)
    if options.commit:
        preflight(repo)
    taken = [path for path in writes if (directory / path).exists()]
    if taken:
        raise StateFault(
            Words(f"{taken[0]} exists already; nothing was written", f"{taken[0]} existe déjà ; rien n'a été écrit"),
            Words("move it away, or start in an empty folder", "déplacez-le, ou partez d'un dossier vide"),
        )
    oid = commit(
        repo,
        [Write(path, text) for path, text in writes.items()],
        edit.message(options),
        expected=dict.fromkeys(writes),
        make_commit=options.commit,
    )
    return Created(directory, len(parties), metropole, tuple(writes), oid)


def _repository(directory: Path) -> Repo:
    directory.mkdir(parents=True, exist_ok=True)
    try:
        return open_repo(directory)
    except StateFault:
        return init_repo(directory)


def group_named(siren: str) -> Epci:
    """The EPCI with this SIREN; UsageFault with near names when the official codes have none."""
    found = epci(siren)
    if found is not None:
        return found
    near = search_epci(siren)
    listed = ", ".join(f"{item.siren} {item.name}" for item in near[:3])
    raise UsageFault(
        Words(f'no EPCI "{siren}" in the official codes', f"il n'y a pas d'EPCI « {siren} » dans les codes officiels"),
        Words(f"did you mean {listed}?", f"vouliez-vous dire {listed} ?")
        if near
        else Words(
            "give the nine digits of its SIREN, such as 200054807",
            "donnez les neuf chiffres de son SIREN, comme 200054807",
        ),
    )


def party_files(kind: Kind, group: Epci) -> dict[str, bytes]:
    """Path → text of the party files of an EPCI: itself first, then its communes by INSEE code."""
    taken: set[str] = set()
    texts: dict[str, bytes] = {}
    for data in [_group_party(group), *map(_commune_party, members(group.siren))]:
        id = data["id"] if data["id"] not in taken else f"{data['id']}-{data['insee_code']}"
        taken.add(id)
        file = f"{FOLDER}/{kind.path_of({**data, 'id': id})}"
        texts[file] = new_text(kind, {**data, "id": id}, file)
    return texts


def _group_party(group: Epci) -> Data:
    category = "metropole" if group.category.startswith("MET") else "public"
    return {"id": slug(group.name), "name": group.name, "category": category, "siren": group.siren}


def _commune_party(commune: Commune) -> Data:
    siren = {"siren": commune.siren} if commune.siren else {}
    return {
        "id": slug(commune.name),
        "name": commune.name,
        "category": "commune",
        **siren,
        "insee_code": commune.insee_code,
    }
