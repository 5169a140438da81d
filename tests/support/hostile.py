"""A branch that means harm, looked at by every command that a reviewer or a pipeline runs on it.

Whatever it names leaves a mark when it runs, is asked for, or is written. Nothing but the commands may tell of it.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import yaml
from crashes import Ended, git, run

from smartreg.commands.pipelines import Service, github, gitlab
from smartreg.gitio import driver_settings

SECONDS, MEMORY = 15.0, 700 << 20  # processor time and memory of one command
SECRET = "nobody outside of this computer may read this"
READS = (
    "validate",
    "validate --since main",
    "validate --since main --as-author",
    "validate --staged",
    "validate --at hostile",
    "diff main hostile",
    "log",
    "blame party/istres",
    "status",
    "list party",
    "show party/istres",
    "export -f csv -o {out}/csv",
    "export -f json --at hostile -o {out}/registry.json",
    "report -o {out}/report.html",
    "query 'SELECT count(*) FROM records'",
    "audit",
    "graph",
    "format --check",
    "doctor",
)

MODULES = ("json.py", "typing.py", "re.py", "sitecustomize.py", "usercustomize.py", "smartreg/__init__.py", "yaml.py")
# What a user may have set who works on Python as well: an empty element is the current folder.
SEARCHED = {"PYTHONPATH": ":.", "PYTHONSTARTUP": "sitecustomize.py"}


def modules(marks: Path) -> dict[str, str]:
    """Files named like modules that Python or smartreg loads; each leaves a mark when it runs."""
    found = {name: f"open({str(marks / name.replace('/', '-'))!r}, 'w')\n" for name in MODULES}
    return found | {"pyvenv.cfg": "home = /nowhere\ninclude-system-site-packages = true\n"}


class Rehearsal:
    """A registry with a branch `hostile`, checked out, in a clone that knows the drivers which the branch names."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.folder, self.root = folder, folder / "clone"
        self.marks = folder / "marks"
        self.marks.mkdir()
        (folder / "secret.txt").write_text(SECRET, "utf-8")
        shutil.copy(base.parent / ".gitconfig", folder)
        git(base, "clone", "--quiet", str(base), str(self.root))
        self._configure()

    def _program(self, name: str, place: Path) -> str:
        """A program that leaves a mark named `name`, and passes on what it is given."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"#!/bin/sh\n: >'{self.marks}/{name}'\ncat 2>/dev/null\n", "utf-8")
        place.chmod(0o755)
        return str(place)

    def _configure(self) -> None:
        """The drivers that a branch can make act: they are configured, and only wait for somebody to name them."""
        for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv"):
            git(self.root, "config", key, self._program(key, self.folder / "bin" / key))
        for key in ("diff.evil.command", "merge.evil.driver", "core.pager", "core.sshCommand", "diff.external"):
            git(self.root, "config", key, self._program(key, self.folder / "bin" / key))
        git(self.root, "config", "protocol.ext.allow", "always")

    def arm(self, port: int, *, settings: bool) -> None:
        """Commit everything on the branch `hostile`, with the drivers away, and point the clone at what it brought.
        With `settings`, hostile settings and schemas too: many commands then stop at once."""
        git(self.root, "checkout", "--quiet", "-b", "hostile")
        files = {**self._files(), **(self._settings(port) if settings else {})}
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        for name in ("fsmonitor", "hooks/pre-commit", "hooks/post-checkout", "hooks/post-index-change"):
            self._program(f"in-tree-{name.replace('/', '-')}", self.root / "registry/tools" / name)
        os.symlink(self.folder / "secret.txt", self.root / "registry/parties/leak.yaml")
        os.symlink(self.folder, self.root / "registry/supports-elsewhere")
        os.symlink("/", self.root / "registry/annexes")
        bare = self.root / "registry/parties/bare"
        git(self.root, "init", "--quiet", "--bare", str(bare))
        git(bare, "config", "core.fsmonitor", self._program("bare-fsmonitor", self.root / "registry/tools/bare"))
        git(self.root, "-c", "core.attributesFile=/dev/null", "add", "--all", "--force", ":!.gitattributes")
        blob = git(self.root, "hash-object", "-w", "--no-filters", ".gitattributes").strip()
        link = git(self.root, "rev-parse", "HEAD").strip()
        for entry in (f"100644,{blob},.gitattributes", f"160000,{link},registry/networks/module"):
            git(self.root, "update-index", "--add", "--cacheinfo", entry)
        git(self.root, "commit", "--quiet", "--no-verify", "-m", "Hostile\n\nSmartreg-Op: add\n$(touch marks)")
        git(self.root, "config", "core.fsmonitor", "registry/tools/fsmonitor")
        git(self.root, "config", "core.hooksPath", "registry/tools/hooks")
        (self.root / ".git/info/attributes").write_text("* filter=evil diff=evil merge=evil\n", "utf-8")
        for mark in self.marks.iterdir():
            mark.unlink()

    def _settings(self, port: int) -> dict[str, str | bytes]:
        web = f"http://127.0.0.1:{port}"
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {"id": {"$ref": f"{web}/schema"}, "a": {"pattern": "^(a+)+$"}},
        }
        return {
            "smartreg.toml": 'name = "Evil"\nplugins = ["evil"]\n',
            "schemas/party.schema.json": json.dumps(schema),
        }

    def _files(self) -> dict[str, str | bytes]:
        shell = f"$(: >{self.marks}/shell)"
        module = f'[submodule "m"]\n\tpath = registry/networks/module\n\turl = ext::sh -c ":>{self.marks}/ext"\n'
        tag = f"id: istres\nname: !!python/object/apply:os.system [':>{self.marks}/tag']\n"
        return {
            ".gitattributes": "* filter=evil diff=evil merge=evil\n",
            ".gitmodules": module,
            "evil.py": f"open({str(self.marks / 'module')!r}, 'w')\n",
            **modules(self.marks),
            "registry/parties/istres.yaml": tag,
            f"registry/parties/{shell.replace('/', '%')}.yaml": f'id: x\nname: "{shell}"\n',
            "registry/parties/--output=marks.yaml": "id: y\n",
            "registry/parties/a\nb.yaml": "id: z\n",
            "registry/parties/escape.yaml": 'id: escape\nname: "\\e]0;owned\\a\\e[2J"\n',
            "registry/parties/bomb.yaml": "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)),
            "registry/parties/deep.yaml": "a: " + "[" * 100_000,
            "registry/parties/long.yaml": b"id: long\nname: " + b"x" * (2 << 20),  # a file may have 1 MiB
            "registry/parties/many.yaml": "\n".join(f"k{n}: {n}" for n in range(12_000)),  # and 20 000 values
            "registry/parties/nul.yaml": b"id: nul\nname: a\0b\n",
            "registry/parties/utf16.yaml": "id: u\n".encode("utf-16"),
            "registry/flows/redos.yaml": f"id: redos\na: {'a' * 5000}!\n",
        }

    def look(self, line: str) -> list[str]:
        """Run one command; what is wrong with how it went."""
        (self.root / "registry/parties/escape.yaml").touch()  # Git compares it with the index
        before = self._state()
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        ended = run(self.root, line.format(out=out))
        wrong = [f"{name} ran or was asked for" for name in sorted(mark.name for mark in self.marks.iterdir())]
        wrong += self._excesses(ended, out)
        if self._state() != before:
            wrong.append("something was written")
        return [f"{line}: {what}" for what in wrong]

    def _excesses(self, ended: Ended, out: Path) -> Iterator[str]:
        said = ended.out + ended.err
        written = b"".join(file.read_bytes() for file in out.rglob("*") if file.is_file())
        if ended.code not in (0, 1, 2, 3):
            yield f"exit code {ended.code}: {ended.err[-300:]}"
        if "Traceback" in said:
            yield "a traceback"
        if SECRET in said or SECRET.encode() in written:
            yield "a file from elsewhere is shown"
        if "\x1b]" in said or "\x1b[2J" in said or "\a" in said:
            yield "the terminal is spoken to"
        if ended.seconds > SECONDS:
            yield f"{ended.seconds:.0f} s"
        if ended.memory > MEMORY:
            yield f"{ended.memory >> 20} MiB"

    def _state(self) -> tuple[str, ...]:
        """Git's index and refs, and every name around the clone; the cache in `.git/smartreg` and the key in
        `.local/state` are ours."""
        ours = {"smartreg", ".local", "out"}
        names = (str(path) for path in self.folder.rglob("*") if ours.isdisjoint(path.parts))
        index = (self.root / ".git/index").read_bytes().hex()[-40:]
        return (*sorted(names), index, (self.root / ".git/refs/heads/hostile").read_text())


class Starts:
    """A clone on a branch whose files are named like modules, and all that starts smartreg there for somebody else: Git
    (merges, diffs), a shell (Tab), hooks, pipelines."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.folder, self.root, self.marks = folder, folder / "clone", folder / "marks"
        self.marks.mkdir()
        shutil.copy(base.parent / ".gitconfig", folder)
        git(base, "clone", "--quiet", str(base), str(self.root))
        git(self.root, "checkout", "--quiet", "-b", "hostile")
        for path, text in modules(self.marks).items():
            (self.root / path).parent.mkdir(exist_ok=True)
            (self.root / path).write_text(text, "utf-8")
        self._change("domain: noise", "domain: heat")
        git(self.root, "checkout", "--quiet", "main")
        self._change("status: idea", "status: pilot")
        git(self.root, "checkout", "--quiet", "hostile")
        # The interpreter under the name that hooks and pipelines call it by, in a folder with a blank.
        (folder / "an environment").mkdir()
        self.python = folder / "an environment/python"
        self.python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
        self.python.chmod(0o755)
        (folder / "smartreg").mkdir()
        (folder / "smartreg/bin").symlink_to(self.python.parent)  # where the action installs

    def _change(self, old: str, new: str) -> None:
        place = self.root / "registry/use-cases/bruit.yaml"
        text = place.read_text("utf-8")
        assert old in text
        place.write_text(text.replace(old, new), "utf-8")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--no-verify", "-m", new)

    def lines(self) -> Mapping[str, str]:
        """What starts smartreg, as a shell does it, by who does it."""
        manifest = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8")
        action = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text("utf-8"))
        (defined,) = [line for line in action["runs"]["steps"][-1]["run"].splitlines() if line.startswith("smartreg()")]
        words = "smartreg add-sensor --support ep-1"
        at_tab = f"COMP_WORDS=({words}) COMP_CWORD=3 COMP_LINE='{words}' COMP_POINT={len(words)}\n"
        at_tab += "compopt() { :; }\n_smartreg || :\n"
        return {
            "a merge": "git merge --quiet --no-edit main",
            "a diff": "git diff main~1 -- registry",
            "Tab": run(self.root, "completion bash").out + at_tab + "test ${COMPREPLY[0]} = ep-1",
            "pre-commit": yaml.safe_load(manifest)[0]["entry"],
            "GitHub": yaml.safe_load(github(Service("")))["jobs"]["validate"]["steps"][-1]["run"],
            "GitLab": yaml.safe_load(gitlab(Service("")))["registry"]["script"][-1],
            "the action": f"RUNNER_TEMP={shlex.quote(str(self.folder))}\n{defined}\nsmartreg validate",
        }

    def register(self, program: str) -> None:
        """Register the driver and `textconv` as somebody did who starts smartreg by this."""
        for key, value in driver_settings(program).items():
            git(self.root, "config", key, value)
        git(self.root, "config", "diff.smartreg.textconv", f"{program} textconv")

    def look(self, line: str) -> list[str]:
        """Run a line in the clone; what is wrong with how it went."""
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        environment = {
            **os.environ,
            **SEARCHED,
            "HOME": str(self.folder),
            "PATH": path,
            "GITHUB_STEP_SUMMARY": os.devnull,
        }
        done = subprocess.run(
            ["bash", "-e", "-c", line],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        wrong = [f"{mark.name} ran" for mark in sorted(self.marks.iterdir())]
        for mark in self.marks.iterdir():
            mark.unlink()
        if done.returncode:
            wrong.append(f"exit code {done.returncode}: {done.stderr[-300:]}")
        return wrong


@contextmanager
def listening(marks: Path) -> Iterator[int]:
    """A web server on this computer that leaves a mark when anything is asked for; its port."""

    class Marking(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (marks / "web").touch()
            self.send_error(404)

        def log_message(self, *_words: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Marking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def marked_by_git(rehearsal: Rehearsal) -> bool:
    """Whether the traps work: Git itself, asked without care, falls into one."""
    subprocess.run(["git", "diff", "main"], cwd=rehearsal.root, capture_output=True, check=False)
    subprocess.run(["git", "status"], cwd=rehearsal.root, capture_output=True, check=False)
    found = list(rehearsal.marks.iterdir())
    for mark in found:
        mark.unlink()
    return bool(found)
