"""What a change does besides its records, for the reviewer: workflows, links, deletions, large files, waiver
comments.

None of it is wrong by itself. All of it is easily overlooked in a long pull request. What was added and removed
within a change shows at neither end, but stays in Git for ever once the branch is merged: only blobs that a merge
would add and that the later side does not have are checked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from unicodedata import normalize

from smartreg.core.findings import Finding
from smartreg.core.secret import secrets_in
from smartreg.core.values import Location, Mark, RecordId, Words, path_text, short_id
from smartreg.gitio import FileChange, Repo
from smartreg.registry import FOLDER, SCHEMA_FOLDER, Registry, is_import_file, record_at, too_many_files
from smartreg.schema.settings import FILE as SETTINGS_FILE
from smartreg.trees import READ_LIMIT, find_differing
from smartreg.validation.waivers import Ignore, read_ignores
from smartreg.yamlio import read

FRAME, WORKFLOW, LEFT, LARGE, MAPPING = "CHG811", "CHG817", "CHG818", "CHG819", "CHG829"
LINK, SUBMODULE = "120000", "160000"

# What files can do, and which ones, by their paths from the top of the repository.
_PROTECTED: tuple[tuple[Words, re.Pattern[str]], ...] = tuple(
    (what, re.compile(f"(?:{files})", re.IGNORECASE))  # many file systems treat `makefile` and `MAKEFILE` as one
    for what, files in (
        (
            Words("it decides who must review", "il dit qui doit relire"),
            r"(?:.*/)?CODEOWNERS",
        ),
        (
            Words(
                "a pipeline runs it, and may hand it secrets", "un pipeline le lance, et peut lui confier des secrets"
            ),
            r"(?:.*/)?\.(?:github|gitlab|forgejo|gitea|circleci|woodpecker|buildkite|semaphore|tekton|teamcity)/.*"
            r"|\.gitlab-ci.*\.yml|\.woodpecker\.ya?ml|\.drone\.yml|action\.ya?ml|\.cirrus\.yml|\.?appveyor\.yml"
            r"|azure-pipelines.*\.ya?ml|bitbucket-pipelines\.yml|Jenkinsfile.*|\.travis\.yml|\.ci/.*|ci/.*"
            r"|cloudbuild\.ya?ml|buildspec\.ya?ml|\.readthedocs\.ya?ml|netlify\.toml|vercel\.json|\.mergify\.yml"
            r"|\.?renovate(?:rc)?(?:\.json5?)?",
        ),
        (
            Words(
                "hooks of Git run it on the computers of those who installed them",
                "des hooks de Git le lancent sur les postes où ils sont installés",
            ),
            r"(?:.*/)?(?:\.husky|\.?githooks|\.lefthook)/.*|\.pre-commit-(?:config|hooks)\.ya?ml"
            r"|\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.overcommit\.yml|\.lintstagedrc.*",
        ),
        (
            Words(
                "Git goes by it: what it leaves out, converts, merges, fetches or names",
                "Git s'y conforme : exclusions, conversions, fusions, récupérations, noms",
            ),
            r"(?:.*/)?(?:\.gitattributes|\.gitignore|\.gitmodules|\.mailmap|\.lfsconfig)",
        ),
        (
            Words(
                "an editor or a shell obeys it as soon as the folder is opened",
                "un éditeur ou un shell y obéit dès que le dossier est ouvert",
            ),
            r"(?:.*/)?(?:\.(?:vscode|idea|devcontainer|fleet|zed|vim|nvim|cursor)/.*|[^/]*\.code-workspace"
            r"|\.(?:editorconfig|envrc|env[^/]*|exrc|nvimrc|vimrc|nvim\.lua|dir-locals\.el|devcontainer\.json|gitpod\.yml"
            r"|gdbinit|lldbinit|bashrc|bash_profile|profile|zshrc|zshenv|cursorrules|mcp\.json)|AGENTS\.md|CLAUDE\.md)",
        ),
        (
            Words(
                "everyone who builds, tests or installs in this folder runs it",
                "qui construit, teste ou installe dans ce dossier exécute ce qu'il dit",
            ),
            r"(?:.*/)?(?:(?:GNU)?makefile|[^/]*\.mk|CMakeLists\.txt|[^/]*\.cmake|\.?justfile|Taskfile\.ya?ml|Rakefile"
            r"|Gemfile(?:\.lock)?|(?:Docker|Container|Earth|Tilt|Snake|Brew|Pip|Proc|Vagrant)file[^/]*"
            r"|(?:docker-)?compose[^/]*\.ya?ml|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|pyvenv\.cfg"
            r"|(?:requirements|constraints)[^/]*\.txt|(?:uv|poetry|Cargo|yarn|pnpm-lock)\.(?:lock|toml|ya?ml)|pip\.conf"
            r"|environment\.ya?ml|package(?:-lock)?\.json|\.(?:npm|yarn|pnpm)rc(?:\.yml)?|go\.(?:mod|work)|\.cargo/.*"
            r"|[^/]*\.gradle(?:\.kts)?|pom\.xml|build\.xml|meson\.build|SCons(?:truct|cript)|BUILD(?:\.bazel)?|WORKSPACE"
            r"|\.bazelrc|[^/]*\.nix|\.?mise\.toml|\.tool-versions|mkdocs\.ya?ml|[^/]*\.(?:dist|egg)-info(?:/.*)?)",
        ),
        (
            Words("it is a script that somebody may run", "c'est un script que quelqu'un peut lancer"),
            r"(?:.*/)?(?:(?:scripts|bin)/.*|[^/]*\.(?:sh|bash|zsh|fish|ksh|csh|ps1|psm1|bat|cmd|com|vbs|wsf|hta|lnk|desktop"
            r"|py|pyw|pyc|pyd|pth|ipynb|rb|pl|lua|el|exs|tcl|js|mjs|cjs|jsx|ts|tsx|php|jar|exe|scr|msi|dll|so|dylib"
            r"|docm|xlsm|pptm))",
        ),
    )
)
_SCRIPT = _PROTECTED[-1][0]
_OURS = frozenset({SETTINGS_FILE, SCHEMA_FOLDER, FOLDER})
_RESPELLED = Words(
    "where names ignore case, smartreg reads it as its own file",
    "là où la casse des noms ne compte pas, smartreg le lit comme l'un des siens",
)
EXECUTABLE = "100755"


def execution_risk(path: str, mode: str | None = None) -> Words | None:
    """What a file can do where a change is checked, opened or built, by its path from the top of the repository and its
    mode; None for a file that only contains text."""
    if any(part not in _OURS and normalize("NFKC", part).casefold() in _OURS for part in path.split("/")):
        return _RESPELLED
    found = next((what for what, files in _PROTECTED if files.fullmatch(path)), None)
    return _SCRIPT if found is None and mode == EXECUTABLE else found


def workflow_changes(changes: Iterable[FileChange], prefix: str) -> Iterator[Finding]:
    """CHG817 for files that run something where the change is checked or opened, and for links and submodules outside
    the registry's trees. Paths of `changes` are from the top; `prefix` leads from there to the registry."""
    for change in changes:
        odd = _ODD.get(change.mode_after or "")
        inside = change.path.startswith((f"{prefix}{FOLDER}/", f"{prefix}{SCHEMA_FOLDER}/"))
        what = execution_risk(change.path, change.mode_after)
        if what is not None:
            yield _workflow(change.path, what, prefix)
        elif odd is not None and not inside:
            yield Finding(
                WORKFLOW,
                "warning",
                odd,
                Location(_from_registry(change.path, prefix)),
                Words("review where it leads", "à relire : où mène-t-il ?"),
            )


def mapping_changes(repo: Repo, changes: Iterable[FileChange], tip: str, base: str) -> Iterator[Finding]:
    """CHG829 for each mapping of an import that the change writes or removes, because the next import follows it, with
    the commit that did so (None: it is not committed yet)."""
    for change in changes:
        file = _from_registry(change.path, repo.prefix)
        if is_import_file(file):
            by = describe_last_change(repo, file, tip, base)
            yield Finding(
                MAPPING,
                "info",
                Words(
                    f"this change alters {file}, which the next import of that sheet follows ({by.en})",
                    f"cette modification touche {file}, que suit le prochain import de ce fichier ({by.fr})",
                ),
                Location(file),
                Words("review it like the records that it makes", "à relire comme les fiches qu'il donne"),
            )


def describe_last_change(repo: Repo, file: str, tip: str, base: str | None = None) -> Words:
    """Who last changed a file between two commits (None: from the beginning), and when; or that nobody has committed
    it yet."""
    commits = repo.history((file,), start=tip, exclude=(base,) if base else ())
    last = next((commit for commit in commits if len(commit.parents) < 2), None)
    if last is None:
        return Words("not committed yet", "pas encore commité")
    day = last.date.date().isoformat() if last.date is not None else "?"
    by = f"{last.author_name}, {day}, {short_id(last.oid)}"
    return Words(f"last changed by {by}", f"dernière modification : {by}")


_ODD: Mapping[str, Words] = {
    LINK: Words("this change adds a symbolic link", "cette modification ajoute un lien symbolique"),
    SUBMODULE: Words("this change adds a Git repository of its own", "cette modification ajoute un dépôt Git à part"),
}


def _workflow(path: str, what: Words, prefix: str) -> Finding:
    return Finding(
        WORKFLOW,
        "info",
        Words(
            f"this change alters a protected file, {path}: {what.en}",
            f"cette modification touche un fichier protégé, {path} : {what.fr}",
        ),
        Location(_from_registry(path, prefix)),
        Words("review it before anything of it runs", "à relire avant que rien n'en soit lancé"),
    )


def _from_registry(path: str, prefix: str) -> str:
    return posixpath.relpath(path, prefix) if prefix else path


def records_left(before: Registry, after: Registry) -> Iterator[Finding]:
    """CHG818 for removed records, and for those whose file moved. If a kind has no life cycle, nothing shows that a
    record was never used, and CHG802 cannot decide: its removal is an error."""
    files = sorted(find_differing(before.tree.files(), after.tree.files()))
    for rid in dict.fromkeys(before.by_file[file] for file in files if file in before.by_file):
        places, now = before.places[rid], after.places.get(rid, ())
        if not now:
            kind = before.schemas.kinds.get(rid.kind)
            yield _removal_note(rid, places[0].file, has_life_cycle=kind is not None and kind.lifecycle is not None)
        elif not {place.file for place in places} & {place.file for place in now}:
            yield _move_note(rid, places[0].file, now[0].file)


def _removal_note(rid: RecordId, file: str, *, has_life_cycle: bool) -> Finding:
    """CHG818 for a removed record; a status says whether it was in service, where the kind has a life cycle."""
    if has_life_cycle:
        return Finding(
            LEFT,
            "info",
            Words(f"this change deletes {rid}", f"cette modification supprime {rid}"),
            Location(file),
            Words(
                "review it: what was in service is retired, not deleted",
                "à relire : ce qui a servi se retire, sans effacer",
            ),
        )
    return Finding(
        LEFT,
        "error",
        Words(
            f"this change deletes {rid}, and nothing shows that it was never in service",
            f"cette modification supprime {rid}, et rien ne dit qu'il n'a pas servi",
        ),
        Location(file),
        Words(
            'keep the file; if it must go, allow it on the base: [severity] CHG818 = "info" in its smartreg.toml',
            'gardez le fichier ; s\'il doit partir, la base le permet : [severity] CHG818 = "info" dans son '
            "smartreg.toml",
        ),
    )


def _move_note(rid: RecordId, file: str, to: str) -> Finding:
    return Finding(
        LEFT,
        "info",
        Words(f"this change moves {rid} from {file}", f"cette modification déplace {rid} depuis {file}"),
        Location(to),
        Words(
            "review it: links from elsewhere may name the old place", "à relire : des liens peuvent citer l'ancien lieu"
        ),
    )


def large_files(
    changes: Iterable[FileChange], sizes: Mapping[str, int], prefix: str, most_mb: float
) -> Iterator[Finding]:
    """CHG819 for files that are larger than `most_mb` megabytes."""
    for change in changes:
        size = sizes.get(change.after or "", 0)
        if size > most_mb * 1e6:
            shown, most = f"{size / 1e6:.1f}", f"{most_mb:g}"
            yield Finding(
                LARGE,
                "warning",
                Words(f"this file is {shown} MB", f"ce fichier a {shown.replace('.', ',')} Mo"),
                Location(_from_registry(change.path, prefix)),
                Words(
                    f"Git keeps it for ever, in every clone; above {most} MB, give an address and a digest instead",
                    f"Git le garde à jamais dans chaque clone ; au-delà de {most} Mo, donnez adresse et empreinte",
                ),
            )


def ignore_changes(before: Registry, after: Registry, judged_by: Words | None = None) -> Iterator[Finding]:
    """CHG811 for each ignore comment that the change adds, alters or removes in a record that stays, because the merge
    changes what it waives. A comment that only moves with its value is unchanged."""
    files = find_differing(before.tree.files(), after.tree.files())
    for file in sorted(files & {*before.files_with_remarks(), *after.files_with_remarks()}):
        was, now = (read_ignores(side, file)[0] if file in side.by_file else [] for side in (before, after))
        gone, came = _without(was, now), _without(now, was)
        altered = {ignore.path for ignore in gone} & {ignore.path for ignore in came}
        for ignore in came:
            sentences = ALTERS if ignore.path in altered else ADDS
            yield _comment(sentences, ignore, Location(file, ignore.path or (), mark=ignore.at), judged_by or MERGED)
        if file in after.by_file:
            for ignore in gone:
                if ignore.path not in altered:
                    yield _comment(REMOVES, ignore, Location(file, ignore.path or ()), judged_by or MERGED)


# What is done to an ignore comment of a field, and of a whole record.
ADDS = (
    Words(
        "this change adds the ignore comment [{codes}] of {field}",
        "cette modification ajoute le commentaire ignore [{codes}] de {field}",
    ),
    Words(
        "this change adds the ignore comment [{codes}] of the whole record",
        "cette modification ajoute le commentaire ignore [{codes}] de toute la fiche",
    ),
)
ALTERS = (
    Words(
        "this change alters the ignore comment [{codes}] of {field}",
        "cette modification modifie le commentaire ignore [{codes}] de {field}",
    ),
    Words(
        "this change alters the ignore comment [{codes}] of the whole record",
        "cette modification modifie le commentaire ignore [{codes}] de toute la fiche",
    ),
)
REMOVES = (
    Words(
        "this change removes the ignore comment [{codes}] of {field}",
        "cette modification retire le commentaire ignore [{codes}] de {field}",
    ),
    Words(
        "this change removes the ignore comment [{codes}] of the whole record",
        "cette modification retire le commentaire ignore [{codes}] de toute la fiche",
    ),
)
MERGED = Words(
    "review it: it does not count here, and will once it is merged",
    "à relire : sans effet ici, avec effet une fois fusionnée",
)


def _without(some: Iterable[Ignore], others: Iterable[Ignore]) -> list[Ignore]:
    known = {_identity(ignore) for ignore in others}
    return [ignore for ignore in some if ignore.codes and _identity(ignore) not in known]


def _identity(ignore: Ignore) -> tuple[object, ...]:
    return ignore.path, ignore.codes, ignore.reason


def _comment(sentences: tuple[Words, Words], ignore: Ignore, where: Location, hint: Words) -> Finding:
    of_field, of_record = sentences
    message = (of_field if ignore.path else of_record).fill(
        codes=", ".join(ignore.codes), field=path_text(ignore.path or ())
    )
    if ignore.reason:
        message = Words("{message}: {reason}", "{message} : {reason}").fill(message=message, reason=ignore.reason)
    return Finding(FRAME, "info", message, where, hint)


SECRET = "REC107"
REWRITE = Words(
    "Git keeps all that a branch ever held: squash or rewrite it before the merge",
    "Git garde ce qui passe par une branche : regroupez ou récrivez ses commits avant la fusion",
)
REPLACE = Words(
    "replace the secret itself; Git keeps all that a branch ever held: squash or rewrite it before the merge",
    "remplacez le secret lui-même ; Git garde ce qui passe par une branche : regroupez ou récrivez ses commits avant "
    "la fusion",
)


def check_intermediate_commits(
    repo: Repo, sides: tuple[Registry, Registry], span: tuple[str, str], checked: Collection[str]
) -> Iterator[Finding]:
    """YML016 for commits with too many files; REC107 for records in intermediate commits with a secret that neither
    side has, CHG819 for their large files. `span`: the commits that the first one reaches and the second does not;
    `checked`: the checked blobs of its later side."""
    for commit, folder in repo.bombs(*span):
        short = short_id(commit)
        yield too_many_files(
            folder.removeprefix(repo.prefix),
            Words(
                f"commit {short} of this change adds or removes a folder with more files than can be listed",
                f"le commit {short} de cette modification ajoute ou retire un dossier de plus de fichiers qu'on ne "
                "peut en lister",
            ),
        )
    schemas, most_mb = sides[0].schemas, sides[0].config.thresholds.large_file_mb
    brought = repo.new_blobs(*span, checked)
    records: dict[str, tuple[str, RecordId]] = {}
    for oid, (path, size) in brought.items():
        file = path.removeprefix(repo.prefix)
        rid = record_at(file, schemas) if path.startswith(repo.prefix) else None
        if rid is not None:
            records[oid] = file, rid
        elif size > most_mb * 1e6:
            yield _large(repo, span, oid, file, size)
    for oid, text in repo.blobs(sorted(records), READ_LIMIT):
        file, rid = records[oid]
        data = read(text, file).data
        found = set(secrets_in(text.decode("utf-8", "replace") if data is None else data))
        if found and found - {secret for side in sides for secret in _reported_secrets(side, rid)}:
            yield _secret(repo, span, oid, file)


def _reported_secrets(registry: Registry, rid: RecordId) -> Iterator[str]:
    """The secrets of a record that REC107 reports anyway."""
    for file in registry.files_of(rid):
        record = registry.at(file)
        if record is not None:
            yield from secrets_in(record.data)


def _commit(repo: Repo, span: tuple[str, str], oid: str) -> str:
    """The commit that added a blob."""
    return short_id(repo.first_with(oid, *span))


def _secret(repo: Repo, span: tuple[str, str], oid: str, file: str) -> Finding:
    commit = _commit(repo, span, oid)
    return Finding(
        SECRET,
        "error",
        Words(
            f"the history of this change holds what looks like a secret: commit {commit} has it in this file",
            f"l'historique de cette modification contient ce qui ressemble à un secret : le commit {commit} l'a dans "
            "ce fichier",
        ),
        Location(file, mark=Mark(1, 1)),
        REPLACE,
    )


def _large(repo: Repo, span: tuple[str, str], oid: str, file: str, size: int) -> Finding:
    commit, shown = _commit(repo, span, oid), f"{size / 1e6:.1f}"
    return Finding(
        LARGE,
        "warning",
        Words(
            f"the history of this change holds a large file: {shown} MB in commit {commit}",
            f"l'historique de cette modification contient un fichier volumineux : {shown.replace('.', ',')} Mo dans "
            f"le commit {commit}",
        ),
        Location(file),
        REWRITE,
    )
