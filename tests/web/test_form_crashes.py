"""A page's write stopped on its way: committed or absent, the user's work untouched, and the next command says so.

The same steps and checks as for commands (`tests/commands/test_crash_commands.py`); a thin sample of the points.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import crashes
import pytest
from crashes import Fault, Rehearsal, copy_base, git, make_base, run
from starlette.datastructures import FormData, QueryParams, UploadFile

from smartreg.cli import main as program
from smartreg.core.errors import SmartregError
from smartreg.features.merge import page as settle
from smartreg.features.records.page.forms import PAGES
from smartreg.web.state import LiveRegistry
from smartreg.web.visit import Redirect, View, Visit

SAMPLE = 5
PATH, POST, ANSWERS = "/records/{kind}/{id}/edit", {"kind": "support", "id": "ep-1"}, {"address": "Quai"}
Fields = list[tuple[str, str | UploadFile]]


def by_page(
    root: Path, path: str = PATH, parameters: Mapping[str, str] = POST, answers: Mapping[str, str] = ANSWERS
) -> int:
    """Review and write a change, as requests do; an exit code."""
    handler = next(page.handler for page in (*PAGES, *settle.PAGES) if page.path == path)
    live = LiveRegistry(root, lambda _note: None)

    def visit(fields: Fields) -> Visit:
        shown = live.refresh(recovers=True)
        if shown.workspace.notice is not None:
            sys.stderr.write(f"{shown.workspace.notice.in_('en')}\n")
        return Visit("", parameters, QueryParams(), "en", posted=True, form=FormData(fields), shown=shown)

    try:
        page = handler(visit([]))
        for template, step in (("form.html", "continue"), ("review.html", "write")):
            if isinstance(page, View) and page.template == template:
                page = handler(visit(answered(page, step, answers)))
    except SmartregError as fault:
        sys.stderr.write(f"{fault}\n")
        return fault.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130
    if isinstance(page, Redirect):
        return 0
    assert isinstance(page, View)
    sys.stderr.writelines(f"{problem.message.in_('en')}\n" for problem in page.values["others"])
    return 3


def answered(page: View, step: str, answers: Mapping[str, str]) -> Fields:
    """What the page posts, with other answers."""
    fields: Fields = [("step", step), ("seen", page.values["seen"])]
    if step == "write":
        fields.append(("shown", page.values["shown_as"]))
        asked = page.values["answers"]
    else:
        asked = [(control.name, control.offered, control.offered) for control in page.values["controls"]]
    for name, texts, offered in asked:
        fields += [("asked", name), *((f"offered.{name}", text) for text in offered)]
        fields += [(f"a.{name}", text) for text in ([answers[name]] if name in answers else texts)]
    return fields


@pytest.fixture
def rehearsal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    def main() -> None:
        if sys.argv[1:] != ["desk"]:
            program.main()
        code = by_page(Path.cwd())
        sys.stderr.flush()
        os._exit(code)

    monkeypatch.setattr(crashes, "main", main)
    monkeypatch.setitem(crashes.COMMANDS, "desk", "desk")
    return Rehearsal.of("desk", make_base(tmp_path))


@pytest.mark.promise("R1")
def test_a_page_stopped_on_its_way(rehearsal: Rehearsal) -> None:
    points = list(rehearsal.points())
    stride = len(points) // SAMPLE
    outcomes = {rehearsal.stop(action, at) for action, at in islice(points, stride // 2, None, stride)}
    assert len(rehearsal.steps) > 20
    assert False in outcomes


@pytest.mark.promise("R1")
def test_a_merge_that_a_page_settles_stopped_on_its_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page finishes it, in one commit (each step: `tests/gitio/test_gitio_conclude.py`)."""

    def main() -> None:
        os._exit(by_page(Path.cwd(), "/settle", {}, {"support/ep-1.address": "t"}))

    base, log = make_base(tmp_path), tmp_path / "steps.log"
    monkeypatch.setattr(crashes, "main", main)
    git(base, "checkout", "-q", "-f", "HEAD")
    file = next(base.rglob("ep-1.yaml"))
    text = file.read_text("utf-8")
    for branch in ("aside", "main"):
        git(base, "switch", "-q", *(("-c",) if branch == "aside" else ()), branch)
        file.write_text(f"{text}address: {branch}\n", "utf-8")
        git(base, "commit", "-qm", branch, "--", str(file))
    with pytest.raises(AssertionError, match="CONFLICT"):
        git(base, "merge", "-q", "aside")
    assert run(copy_base(base), "settle", Fault(log=log)).code == 0
    steps = log.read_text("utf-8").splitlines()
    last = {word: max(n for n, step in enumerate(steps, 1) if word in step) for word in (" add ", " commit ")}
    for at in (last[" add "] - 1, last[" add "] + 1, last[" commit "] + 1):
        root = copy_base(base)
        assert run(root, "settle", Fault(at, "kill")).code == -signal.SIGKILL, steps[at - 1]
        if (root / ".git/MERGE_HEAD").exists():
            run(root, "settle")
        assert git(root, "show", f"HEAD:{file.relative_to(base)}").endswith("address: aside\n"), steps[at - 1]
        assert len(git(root, "rev-parse", "HEAD^@").split()) == 2
        assert git(root, "ls-files", "--unmerged") == ""
