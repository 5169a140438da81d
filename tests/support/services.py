"""A GitHub on this machine: bare repositories, pull requests and comments by HTTP, and a runner of workflow steps."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml
from pipelines import put_programs
from program import Done

TOKEN = "of-the-run"
BASE = "amp/registre"
BOT = "github-actions[bot]"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


@dataclass
class Hub:
    """The repositories in a folder, `owner/name.git`; the open pull requests and their comments."""

    folder: Path
    url: str = ""
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)

    def repository(self, name: str) -> Path:
        return self.folder / f"{name}.git"

    def pull(self, number: int, fork: str, branch: str, base: str = "main") -> str:
        """Open a pull request, or bring it up to date with its branch: its head and its merge with the base are refs of
        the base's repository, as on GitHub. The id of the head."""
        repository = self.repository(BASE)
        head = git(self.repository(fork), "rev-parse", f"refs/heads/{branch}")
        git(repository, "fetch", "-q", str(self.repository(fork)), f"+refs/heads/{branch}:refs/pull/{number}/head")
        tree = git(repository, "merge-tree", "--write-tree", base, head)
        identity = ["-c", "user.name=GitHub", "-c", "user.email=noreply@github.example"]
        merge = git(
            repository, *identity, "commit-tree", tree, "-p", base, "-p", head, "-m", f"Merge {head} into {base}"
        )
        git(repository, "update-ref", f"refs/pull/{number}/merge", merge)
        self.pulls[number] = {
            "number": number,
            "state": "open",
            "base": {"ref": base, "repo": {"full_name": BASE}},
            "head": {"sha": head, "ref": branch, "label": f"{fork.partition('/')[0]}:{branch}"}
            | {"repo": {"full_name": fork}},
        }
        return head

    def checkout(self, folder: Path, ref: str) -> Path:
        """What actions/checkout leaves: all branches, and the files of `ref`."""
        git(folder.parent, "clone", "-q", str(self.repository(BASE)), str(folder))
        git(folder, "fetch", "-q", "origin", ref)
        git(folder, "checkout", "-q", "--detach", "FETCH_HEAD")
        return folder

    def get(self, path: str, asked: Mapping[str, str]) -> Any:
        if path == f"/repos/{BASE}/pulls":
            return [one for one in self.pulls.values() if one["head"]["label"] == asked["head"]]
        page = int(asked.get("page", 1))
        return self.comments[(page - 1) * 100 : page * 100]


@contextmanager
def serve(folder: Path) -> Iterator[Hub]:
    hub = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.send_error(401)
                return
            url = urlsplit(self.path)
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            said: Any = hub.get(url.path, {name: value for name, (value,) in parse_qs(url.query).items()})
            if self.command == "POST":
                hub.comments.append({"id": len(hub.comments) + 1, "user": {"login": BOT}, **body})
            elif self.command == "PATCH":
                hub.comments[int(url.path.rpartition("/")[2]) - 1].update(body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 (as the library calls them)

        def log_message(self, *_words: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield hub
        server.shutdown()


@dataclass
class Runner:
    """Runs the steps of a workflow's job as GitHub does: each in a shell of its own, expressions filled in before. What
    would install smartreg is written down (`installed`), and this one runs."""

    folder: Path
    installed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        put_programs(self.folder / "bin")
        python = self.folder / "bin/python"
        first, _, rest = python.read_text("utf-8").partition("\n")
        pip = f'if [ "$4" = pip ]; then echo "$6" >> {shlex.quote(str(self.folder / "pip"))}; exit; fi'
        python.write_text(f"{first}\n{pip}\n{rest}", encoding="utf-8")

    def run(self, workflow: str, work: Path, event: Mapping[str, str], **environ: str) -> list[Done]:
        """The steps that have a script, up to the first one that fails; `event`: the value of each expression."""
        (job,) = yaml.safe_load(workflow)["jobs"].values()
        outputs = self.folder / "outputs"
        outputs.write_text("")
        outside = {
            "NO_PROXY": "127.0.0.1",
            "GITHUB_REPOSITORY": BASE,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "RUNNER_TEMP": str(self.folder),
        }
        done: list[Done] = []
        for step in job["steps"]:
            lines = [line.partition("=") for line in outputs.read_text().splitlines()]
            known = {**event, "github.token": TOKEN} | {f"steps.pull.outputs.{name}": value for name, _, value in lines}
            if "run" not in step or ("if" in step and not known.get(step["if"])):
                continue
            given = {**job.get("env", {}), **step.get("env", {})}
            values = {name: _fill(str(text), known) for name, text in given.items()}
            done.append(self.bash(step["run"], work, {**outside, **values, **environ}))
            if done[-1].returncode:
                break
        return done

    def bash(self, script: str, work: Path, environ: Mapping[str, str]) -> Done:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, **environ}
        command = ["bash", "-e", "-c", script]
        return subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, check=False)


def _fill(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known.get(found[1], ""), text)
