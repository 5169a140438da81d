"""`init`: a new registry: settings, schemas, Git and editor files, and the parties of a metropolis, in one commit."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from smartreg.commands.pipelines import PIPELINES, Service, pipelines_of, services_named, source_for_pipelines
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.files import read_regular
from smartreg.core.messages import Language, Message
from smartreg.core.spelling import slug
from smartreg.core.values import Data, RecordId
from smartreg.domain.codes import Commune, Epci, epci, members, search_epci
from smartreg.domain.kinds import PARTY
from smartreg.domain.municipalities import names_in
from smartreg.edit import Edit, WriteOptions, new_text
from smartreg.features.setup.boundaries import Outlines, OutlinesSource, outlines, outlines_of
from smartreg.features.setup.municipalities import Municipalities, centres_file, read_municipalities
from smartreg.features.setup.scaffold import ATTRIBUTES_FILE, KEPT, files_for, settings, with_attributes
from smartreg.features.setup.welcome import templates
from smartreg.gitio import Repo, Write, commit, default_branch, init_repo, open_repo, preflight
from smartreg.schema import Kind, bundled_files, read_schemas
from smartreg.schema.countries import FRANCE, Country, country_named, schemas_for
from smartreg.trees import READ_LIMIT, find_root

_BLANKS = re.compile(r"[\s.]")  # 244 400 404, as people write a SIREN


_ADD_PARTIES = Message(
    "add parties with smartreg add-party, or many with smartreg import party FILE (id, name, category, siren, "
    "insee_code)"
)


@dataclass(frozen=True)
class Created:
    """A new registry, or one that has got pipelines: where, its parties, the commit (None without one), the outlines
    that it has got, and the list of municipalities that it was made from."""

    root: Path
    parties: int
    metropole: str | None
    files: tuple[str, ...]
    commit: str | None
    new: bool = True
    outlines: Outlines | None = None
    listed: Municipalities | None = None


def init(
    directory: Path,
    *,
    epci_siren: str | None,
    name: str | None,
    ci: tuple[str, ...],
    options: WriteOptions,
    source: str | None = None,
    boundaries: OutlinesSource | None = None,
    lang: Language = "en",
    country: str | None = None,
    municipalities: Path | None = None,
) -> Created:
    """Make `directory` a registry. StateFault when it is one already or Git cannot commit; UsageFault for an EPCI that
    the official codes do not know, and for pipelines without a `source` to install smartreg from. `boundaries`: the
    file that the outlines of its communes come from; `lang`: that of what pipelines print;
    `country`: that in which it is kept (ISO 3166-1; None: France), which has EPCI if it is France; `municipalities`: a
    list in CSV of those of the territory, in any other country. An existing Git repository
    is used as it is, and so are its files for editors. Where there is a registry, and pipelines are all that is asked
    for, it gets those."""
    service, pipelines = _pipelines(directory, ci, source, lang)
    place = country_named(country or FRANCE)
    _refuse_of_other_country(place, epci_siren, municipalities, boundaries)
    alone = all(option is None for option in (epci_siren, name, boundaries, country, municipalities))
    if pipelines and alone and _root_of(directory) == directory.resolve():
        return _with_pipelines(
            directory, pipelines, _forms(ci, service, _top(directory, service.folder), place), service, options
        )
    group = None if epci_siren is None else group_named(epci_siren)
    listed = _listed(municipalities, place)
    _refuse_registry(directory, with_parties=group is not None or listed is not None)
    communes = members(group.siren) if group else ()
    outlined = outlines({item.insee_code: item.name for item in communes}, boundaries, place) if boundaries else None
    called = name or (group.name if group else directory.resolve().name)
    members_of = [_group_party(group), *map(_commune_party, communes)] if group else [*listed.records] if listed else []
    outlines_text = outlined.content if outlined else None
    if listed and listed.centres:
        outlines_text = centres_file(listed.centres, listed.records)
    texts, parties = _texts(called, place, group, members_of, outlines_text, lang)
    metropole = _keeper(parties, group, called, members_of)
    # Where pipelines are asked for, everything is written from the top of the repository.
    start = service.folder if pipelines else ""
    texts = {f"{start}{path}": text for path, text in texts.items()} | pipelines
    top = _top(directory, start)
    texts |= _forms(ci, service, top, place)
    parties = {f"{start}{path}": text for path, text in parties.items()}
    expected = {path: _present(top, path) for path in (*texts, *parties)}
    writes = {**_beside(texts, expected, start), **parties}
    rids = tuple(RecordId(PARTY, _id_in(path)) for path in parties)
    edit = Edit("init", rids, dict(writes), f"Create the registry of {group.name}" if group else "Create a registry")
    files = tuple(posixpath.relpath(path, start or ".") for path in writes)
    created = Created(directory, len(parties), metropole, files, None, outlines=outlined, listed=listed)
    if options.dry_run:
        return created
    repo = _ready(directory, options)
    return replace(created, commit=_write_and_commit(open_repo(top) if start else repo, edit, expected, options))


def _pipelines(
    directory: Path, ci: tuple[str, ...], source: str | None, lang: Language
) -> tuple[Service, dict[str, bytes]]:
    """The repository and the files of the pipelines that are asked for."""
    services = services_named(ci)
    if source is not None and not services:
        raise UsageFault(
            Message("--source is for the pipelines of --ci"),
            Message("add --ci github, gitlab or both"),
        )
    service = _service(directory, source_for_pipelines(source) if services else "", lang)
    return service, pipelines_of(services, service)


def _refuse_of_other_country(
    country: Country, epci_siren: str | None, municipalities: Path | None, boundaries: OutlinesSource | None
) -> None:
    """UsageFault for what another country than this one has."""
    if country.french and municipalities is not None:
        raise UsageFault(
            Message("--municipalities is for other countries: the communes of France come with smartreg"),
            Message("name their grouping: --epci SIREN; or the country: --country DE"),
        )
    if not country.french and (epci_siren is not None or boundaries is not None):
        if epci_siren is None:
            hint = Message("start without them, then: smartreg boundaries FILE")
        else:
            hint = Message("list the municipalities in a CSV file: --municipalities FILE.csv")
        option = "--epci" if epci_siren is not None else "--boundaries"
        raise UsageFault(Message("{option} is for France alone", option=option), hint)


def _listed(file: Path | None, country: Country) -> Municipalities | None:
    """The list of municipalities. UsageFault for one that cannot be used."""
    if file is None:
        return None
    try:
        content = read_regular(file, READ_LIMIT)
    except OSError:
        raise UsageFault(Message("{file} cannot be read", file=file.name)) from None
    return read_municipalities(file.name, content, country)


def _keeper(parties: Mapping[str, bytes], group: Epci | None, name: str, listed: list[Data]) -> str | None:
    """Whose registry it is: the EPCI, or the one municipality that the name of the registry names."""
    if group is not None:
        return next(map(_id_in, parties), None)
    words = f"-{slug(name)}-"
    named = [
        str(data["id"])
        for data in listed
        if any(f"-{part}-" in words for part in map(slug, names_in(str(data["name"]))) if part)
    ]
    return named[0] if len(named) == 1 else None


def _texts(
    name: str,
    country: Country,
    group: Epci | None,
    members_of: list[Data],
    outlined: bytes | None,
    lang: Language,
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of a new registry, and those of its parties, by their paths in it."""
    schema_texts = schemas_for(country, bundled_files())
    kinds = read_schemas(schema_texts)
    parties = party_files(kinds.kinds[PARTY], members_of)
    codes = [] if group else [str(data["official_code"]) for data in members_of]
    keeper = _keeper(parties, group, name, members_of)
    place = outlines_of(country)
    boundaries = place if outlined else None
    config = settings(str(uuid4()), name, country, keeper, group and group.siren, codes, boundaries)
    texts = files_for(kinds, schema_texts, config, name, country, lang)
    return texts | ({place: outlined} if outlined else {}), parties


def _forms(ci: tuple[str, ...], service: Service, top: Path, country: Country) -> dict[str, bytes]:
    """The forms for people who write in the browser that are not below `top` yet: of the services that are named, of
    GitHub where none is. Services read them at the top of a repository: for a registry in a folder of one, only those
    that are named are written."""
    usual = () if ci or service.folder else ("github",)
    forms = templates(services_named(ci) or usual, country, service.lang)
    return {path: text for path, text in forms.items() if not _has_file(top / path)}


def _has_file(path: Path) -> bool:
    """Whether there is a file of this name, in capitals or not: services take `PULL_REQUEST_TEMPLATE.md` too."""
    folder = path.parent
    return folder.is_dir() and any(item.name.casefold() == path.name.casefold() for item in folder.iterdir())


def _id_in(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yaml")


def _service(directory: Path, source: str, lang: Language) -> Service:
    """The repository that the folder is in, or is going to be."""
    near = next(folder for folder in (directory.resolve(), *directory.resolve().parents) if folder.is_dir())
    try:
        repo = open_repo(near)
    except StateFault:
        return Service(source, default_branch(near), lang=lang)
    way = directory.resolve().relative_to(repo.top).as_posix()
    return Service(source, repo.default_branch(), "" if way == "." else f"{way}/", lang)


def _top(directory: Path, folder: str) -> Path:
    """The folder from which `folder` leads to the directory."""
    parents = (directory.resolve(), *directory.resolve().parents)
    return parents[folder.count("/")] if folder else directory


def _with_pipelines(
    directory: Path,
    pipelines: Mapping[str, bytes],
    forms: Mapping[str, bytes],
    service: Service,
    options: WriteOptions,
) -> Created:
    top = _top(directory, service.folder)
    texts = {**pipelines, **forms}
    expected = {path: _present(top, path) for path in texts}
    missing = {path: text for path, text in texts.items() if expected[path] != text}
    writes = _beside(missing or texts, {path: expected[path] for path in missing or texts})
    oid = None
    if not options.dry_run:
        only_forms = writes.keys().isdisjoint(pipelines)
        subject = "Add forms for issues and pull requests" if only_forms else "Add pipelines that run smartreg"
        edit = Edit("init", (), dict(writes), subject)
        oid = _write_and_commit(open_repo(top), edit, expected, options)
    files = tuple(posixpath.relpath(path, service.folder or ".") for path in writes)
    return Created(directory, 0, None, files, oid, new=False)


def _write_and_commit(
    repo: Repo, edit: Edit, expected: Mapping[str, bytes | None], options: WriteOptions
) -> str | None:
    """Write what the edit writes and commit it; the commit, None without one."""
    return commit(
        repo,
        [Write(path, text) for path, text in edit.writes.items()],
        edit.message(options),
        expected={path: expected[path] for path in edit.writes},
        make_commit=options.commit,
    )


def _root_of(directory: Path) -> Path | None:
    try:
        return find_root(directory)
    except StateFault:
        return None


def may_become_one(directory: Path) -> bool:
    """Whether no registry is in the folder or above it."""
    return _root_of(directory) is None


def _refuse_registry(directory: Path, *, with_parties: bool) -> None:
    """StateFault if the folder is a registry or lies in one."""
    root = _root_of(directory)
    if root is None:
        return
    if root == directory.resolve():
        raise StateFault(
            Message("this is already a registry"),
            _ADD_PARTIES if with_parties else Message("smartreg status shows what it holds"),
        )
    raise StateFault(
        Message("this folder is inside a registry"),
        Message("choose a folder outside of it"),
    )


def _present(directory: Path, path: str) -> bytes | None:
    try:
        return read_regular(directory / path, READ_LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise _exists_fault(path) from None


def _exists_fault(path: str) -> StateFault:
    if any(path in files for files in PIPELINES.values()):
        return StateFault(
            Message("{path} exists already; nothing was written", path=path),
            Message("leave it out of --ci, and add the job to it by hand: docs/gate.md shows it"),
        )
    return StateFault(
        Message("{path} exists already; nothing was written", path=path),
        Message("move it away, or start in an empty folder"),
    )


def _beside(texts: Mapping[str, bytes], present: Mapping[str, bytes | None], start: str = "") -> dict[str, bytes]:
    """The texts to write in addition to what is there: files for people and editors stay as they are, attributes get
    our lines added. StateFault when anything else of ours is there; its bytes could be a registry's. `start`: what
    paths in the registry begin with."""
    writes: dict[str, bytes] = {}
    for path, text in texts.items():
        there = present[path]
        if there is None:
            writes[path] = text
        elif path == f"{start}{ATTRIBUTES_FILE}":
            writes[path] = with_attributes(there)
        elif path.removeprefix(start) not in KEPT:
            raise _exists_fault(path)
    taken = [path for path in present if path not in texts and present[path] is not None]
    if taken:
        raise _exists_fault(taken[0])
    return writes


def _ready(directory: Path, options: WriteOptions) -> Repo:
    """The repository, where Git can commit; else the folders that were made for it go away again."""
    folders = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    own = directory / ".git"
    there = own.exists()
    try:
        repo = _repository(directory)
        if options.commit:
            preflight(repo)
    except BaseException:
        if not there and own.is_dir():
            shutil.rmtree(own, ignore_errors=True)
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()
        raise
    return repo


def _repository(directory: Path) -> Repo:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise StateFault(
            Message("the folder {directory} cannot be made", directory=directory.name),
            Message("choose a folder where you may write"),
        ) from None
    try:
        return open_repo(directory)
    except StateFault:
        return init_repo(directory)


def group_named(siren: str) -> Epci:
    """The EPCI with this SIREN, also written in groups of three digits, or of exactly this name; UsageFault with near
    names when the official codes have none."""
    group = epci(_BLANKS.sub("", siren))
    if group is not None:
        return group
    near = groups_like(siren)
    same = [item for item in near if slug(item.name) == slug(siren)]
    if len(same) == 1:
        return same[0]
    listed = ", ".join(f"{item.siren} {item.name}" for item in near[:3])
    raise UsageFault(
        Message('no EPCI "{siren}" in the official codes', siren=siren),
        Message("did you mean {listed}?", listed=listed)
        if near
        else Message("give the nine digits of its SIREN, such as 200054807"),
    )


def groups_like(text: str) -> list[Epci]:
    """The EPCI that a SIREN or name may mean, the likeliest first."""
    digits = _BLANKS.sub("", text)
    return search_epci(digits if digits.isdigit() else text)


def party_files(kind: Kind, parties: Iterable[Data]) -> dict[str, bytes]:
    """Path → text of the files of parties: of an EPCI itself first, then its communes by INSEE code."""
    taken: set[str] = set()
    texts: dict[str, bytes] = {}
    for data in parties:
        id = data["id"] if data["id"] not in taken else f"{data['id']}-{data['insee_code']}"
        taken.add(id)
        file = kind.path_of({**data, "id": id})
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
