"""A small registry with writers of several parties, and people who commit and merge there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from signing import Key, Person

from smartreg.commands.since import Trust, validate_since
from smartreg.commands.validate import ValidateOptions
from smartreg.core.findings import Finding
from smartreg.workspace.workspace import open_workspace

ON = date(2026, 1, 15)
CODES = ("CHG811", "CHG812", "CHG813", "CHG814", "CHG815", "CHG816")
POLE, LAMP, NET = (
    "registry/supports/13047/pole.yaml",
    "registry/supports/13056/lamp.yaml",
    "registry/networks/lora.yaml",
)
ISTRES, MARTIGUES, NOBODY = (f"registry/parties/{name}.yaml" for name in ("istres", "martigues", "nobody"))
SETTINGS, SCHEMA = "smartreg.toml", "schemas/party.schema.json"


def support(id: str, owner: str, status: str = "in_service", more: str = "") -> str:
    return f'id: {id}\ntype: street_light\nowner: {owner}\nstatus: {status}\ninsee_code: "13047"\n{more}'


def party(id: str, *, keys: tuple[str, ...] = (), domains: tuple[str, ...] = ()) -> str:
    listed = [f"  keys: [{', '.join(keys)}]\n"] if keys else []
    listed += [f"  domains: [{', '.join(domains)}]\n"] if domains else []
    return f"id: {id}\nname: {id}\ncategory: private\n" + ("writers:\n" + "".join(listed) if listed else "")


def lay_town(root: Path, keys: dict[str, Key], settings: str = "") -> None:
    """A registry on `main`, and a branch `pr`."""
    amp = Person("agent@metropole.example.org", keys["amp"])
    amp.commits(
        root,
        {
            SETTINGS: f'name = "Istres"\nmetropole = "amp"\n{settings}',
            "registry/parties/amp.yaml": party("amp", keys=(keys["amp"].fingerprint,)),
            ISTRES: party("istres", keys=(keys["istres"].fingerprint,), domains=("istres.example.org",)),
            MARTIGUES: party("martigues", domains=("martigues.example.org",)),
            NOBODY: party("nobody"),
            POLE: support("pole", "istres"),
            LAMP: support("lamp", "martigues"),
            "registry/supports/13047/mast.yaml": support("mast", "nobody"),
            NET: "id: lora\nname: L\ntechnology: lorawan\noperator: istres\nstatus: planned\naccess: shared\n",
        },
    )
    amp.git(root, "checkout", "-qb", "pr")


class Town:
    """What `lay_town` made, and the people who commit there."""

    def __init__(self, root: Path, keys: dict[str, Key]) -> None:
        self.root, self.keys = root, keys
        self.amp = Person("agent@metropole.example.org", keys["amp"])
        self.istres = Person("agent@istres.example.org", keys["istres"])
        self.martigues = Person("agent@martigues.example.org")
        self.stranger = Person("someone@elsewhere.example.org", keys["stranger"])

    def git(self, *words: str) -> str:
        return self.istres.git(self.root, *words)

    def findings(self, *, head: bool = False, since: str = "main") -> list[Finding]:
        asked = ValidateOptions(ON, select=CODES)
        return list(validate_since(open_workspace(self.root), since, asked, Trust(head, authors=True)).findings)

    def codes(self, *, head: bool = False) -> list[tuple[str, str]]:
        return [(found.code, found.where.file) for found in self.findings(head=head)]

    def commit(
        self,
        person: Person,
        parents: Sequence[str],
        files: Mapping[str, str | None] | None = None,
        *,
        like: str | None = None,
        at: int = 1_760_000_000,
    ) -> str:
        """A commit with any parents, made without a work tree: the tree of the first one (of `like`), with these files
        (None: without them). `at`: its dates."""
        index = {"GIT_INDEX_FILE": str(self.root / ".git" / "index-of-a-test")}
        dates = {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0000"}

        def git(*words: str, text: str | None = None) -> str:
            config = ("-c", "user.name=A writer", "-c", f"user.email={person.email}", "-c", "gpg.format=ssh")
            key = ("-c", f"user.signingKey={person.key.file}") if person.key else ()
            done = subprocess.run(
                ["git", *config, *key, *words],
                cwd=self.root,
                check=True,
                capture_output=True,
                input=None if text is None else text.encode(),
                env={**os.environ, **index, **dates},
            )
            return done.stdout.decode().strip()

        git("read-tree", like or parents[0])
        for path, text in (files or {}).items():
            if text is None:
                git("update-index", "--force-remove", path)
            else:
                blob = git("hash-object", "-w", "--stdin", text=text)
                git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        lines = [word for parent in parents for word in ("-p", parent)]
        sign = ("-S",) if person.key else ()
        return git("commit-tree", *sign, git("write-tree"), *lines, "-m", "change")

    def put(self, branch: str, commit: str) -> None:
        """Let a branch be at a commit, and the work tree with it."""
        self.git("checkout", "-q", "--detach")
        self.git("branch", "-qf", branch, commit)
        self.git("checkout", "-q", "-f", branch)
