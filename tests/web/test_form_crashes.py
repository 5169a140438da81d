"""A page's write stopped on its way: committed or absent, the user's work untouched, and the next command says so.

The same steps and checks as for commands (`tests/commands/test_crash_commands.py`); a thin sample of the points.
"""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path

import crashes
import pytest
from crashes import Rehearsal, make_base
from starlette.datastructures import FormData, QueryParams, UploadFile

from smartreg.cli import main as program
from smartreg.core.errors import SmartregError
from smartreg.web.pages.forms import PAGES
from smartreg.web.state import LiveRegistry
from smartreg.web.visit import Redirect, View, Visit

SAMPLE = 5
PATH = "/records/{kind}/{id}/edit"
Fields = list[tuple[str, str | UploadFile]]


def by_page(root: Path) -> int:
    """Review and write a change to a record, as requests do; an exit code."""
    handler = next(page.handler for page in PAGES if page.path == PATH)
    live = LiveRegistry(root, lambda _note: None)

    def visit(fields: Fields) -> Visit:
        shown = live.refresh(recovers=True)
        if shown.workspace.notice is not None:
            sys.stderr.write(f"{shown.workspace.notice.in_('en')}\n")
        parameters = {"kind": "support", "id": "ep-1"}
        return Visit("", parameters, QueryParams(), "en", posted=True, form=FormData(fields), shown=shown)

    try:
        page = handler(visit([]))
        for template, step in (("form.html", "continue"), ("review.html", "write")):
            if isinstance(page, View) and page.template == template:
                page = handler(visit(answered(page, step)))
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


def answered(page: View, step: str) -> Fields:
    """What the page posts, with another address."""
    fields: Fields = [("step", step), ("seen", page.values["seen"])]
    if step == "write":
        fields.append(("shown", page.values["shown_as"]))
        asked = page.values["answers"]
    else:
        asked = [(control.name, control.offered, control.offered) for control in page.values["controls"]]
    for name, texts, offered in asked:
        fields += [("asked", name), *((f"offered.{name}", text) for text in offered)]
        fields += [(f"a.{name}", text) for text in (["Quai"] if name == "address" else texts)]
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
