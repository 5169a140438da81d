"""`diff`: two registries, record by record. `pytest --update` rewrites the outputs of the golden case."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored import settle

from smartreg.commands.diff import DiffOptions
from smartreg.commands.diff import diff as run_diff
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import code
from smartreg.core.findings import Finding
from smartreg.core.messages import Localized, verbatim
from smartreg.core.styled import plain
from smartreg.core.values import Location, RecordId
from smartreg.diff import Change, diff, same
from smartreg.diff.impact import Comparison, Side, impacts, other_files
from smartreg.index import load_state
from smartreg.registry import Registry, open_registry
from smartreg.schema import bundled_files
from smartreg.trees import MemoryTree
from smartreg.wording import changes_html, changes_json, changes_markdown, changes_text
from smartreg.workspace.workspace import Workspace, open_workspace

Git: TypeAlias = Callable[..., str]
GOLDEN = Path(__file__).parents[1] / "golden" / "diff"
ON = date(2026, 1, 15)
BEFORE = Side(verbatim("main"), "a1b2c3d" + "0" * 33, "a1b2c3d")
AFTER = Side(Localized.of(en="working tree", fr="fichiers de travail"))
SENSOR = "registry/equipment/s1.yaml"


def of(files: Mapping[str, str]) -> Registry:
    return open_registry(MemoryTree({path: text.encode() for path, text in files.items()}), None, frozenset())


def of_folder(folder: Path) -> Registry:
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.*") if path.is_file()
    }
    return of(files)


def of_records(records: Mapping[str, Mapping[str, object]]) -> Registry:
    return of({f"registry/equipment/{id}.yaml": json.dumps(data) for id, data in records.items()})


@pytest.fixture(scope="module")
def golden() -> Comparison:
    before, after = of_folder(GOLDEN / "before"), of_folder(GOLDEN / "after")
    changes = diff(before, after)
    broken = Finding("REF209", "error", verbatim("`x` | <b>"), Location(SENSOR, ("support",)))
    return Comparison(
        BEFORE,
        AFTER,
        tuple(changes),
        impacts(before, after, changes, ON, (broken,)),
        other_files(before, after),
        (broken,),
        registries=(before, after),
    )


@pytest.mark.parametrize("name", ["en.txt", "fr.txt", "stat.txt", "en.md", "fr.md", "en.html", "fr.html", "en.json"])
def test_golden(golden: Comparison, name: str, request: pytest.FixtureRequest) -> None:
    text = {
        "en.txt": lambda: plain(changes_text.report(golden, lang="en")),
        "fr.txt": lambda: plain(changes_text.report(golden, lang="fr")),
        "stat.txt": lambda: plain(changes_text.report(golden, lang="en", stat=True)),
        "en.md": lambda: changes_markdown.report(golden, lang="en"),
        "fr.md": lambda: changes_markdown.report(golden, lang="fr"),
        "en.html": lambda: body(changes_html.report(golden, lang="en")),
        "fr.html": lambda: body(changes_html.report(golden, lang="fr")),
        "en.json": lambda: changes_json.report(golden, lang="en"),
    }[name]()
    expected = GOLDEN / name
    if request.config.getoption("--update"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")


def body(page: str) -> str:
    """A page without its head, where the style is."""
    return page[page.index("<body>") :]


def test_nothing_to_say() -> None:
    found = Comparison(BEFORE, AFTER, (), {})

    assert plain(changes_text.report(found, lang="en")) == "main (a1b2c3d) → working tree          no record differs\n"
    assert json.loads(changes_json.report(found, lang="en"))["changes"] == []
    assert "No record differs." in changes_markdown.report(found, lang="en")
    assert "<p>No record differs.</p>" in changes_html.report(found, lang="en")


def test_a_comment_on_ten_records_fits_on_a_screen_and_folds_the_rest() -> None:
    fields = {"type": "sensor", "status": "active", "height_m": 4, "manufacturer": "A", "model": "B", "notes": "n"}
    other = {"type": "sensor", "status": "faulty", "height_m": 5, "manufacturer": "C", "model": "D", "notes": "m"}
    names = [f"s{number:02}" for number in range(10)]
    before, after = (of_records({name: {"id": name, **said} for name in names}) for said in (fields, other))
    changes = tuple(diff(before, after))
    broken = Finding("REF209", "error", verbatim("x"), Location("registry/equipment/s09.yaml"))
    touched = impacts(before, after, changes, ON, (broken,))
    found = Comparison(BEFORE, AFTER, changes, touched, (), (broken,), registries=(before, after))
    shown, folded = changes_markdown.report(found, lang="en").split("<details>")
    assert len(shown.splitlines()) < 30
    lines = [line for line in shown.splitlines() if line.startswith("- sensor (`equipment/")]
    summary = "Status, Manufacturer, Model, Mounting height, Notes · **breaks a rule**: REF209"
    assert lines[0] == f"- sensor (`equipment/s09`) · {summary}"
    assert len(lines) == 10
    assert all(f"- sensor (`equipment/{name}`)" in folded for name in names)
    assert "  - Status: `active` → `faulty`" in folded
    few = Comparison(BEFORE, AFTER, changes[:3], {}, ())
    assert "<details>" not in changes_markdown.report(few, lang="en")


def test_comments_layout_order_and_folder_say_nothing() -> None:
    before = {SENSOR: "id: s1\nstatus: active\nheight_m: 4\n", "registry/supports/13047/p1.yaml": "id: p1\n"}
    after = {SENSOR: "# x\nheight_m: 4.0\nstatus: 'active'\nid: s1\n", "registry/supports/p1.yaml": "id: p1\n"}

    assert diff(of(before), of(after)) == []


def test_equal_texts_are_not_read() -> None:
    before = of({SENSOR: "id: s1\n", "registry/equipment/s2.yaml": "id: s2\nid: s2\n"})
    after = of({SENSOR: "id: s1\ntype: meter\n", "registry/equipment/s2.yaml": "id: s2\nid: s2\n"})

    assert [change.rid.id for change in diff(before, after)] == ["s1"]
    assert list(before.read_faults()) == list(after.read_faults()) == []


def test_order_is_that_of_the_kinds_then_of_the_ids() -> None:
    after = of({f"registry/{path}.yaml": "id: x\n" for path in ("flows/f", "equipment/b", "equipment/a", "parties/p")})

    found = [str(change.rid) for change in diff(of({}), after)]

    assert found == ["party/p", "equipment/a", "equipment/b", "flow/f"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("status: active", "status: removed", "retired"),
        ("status: removed", "status: active", "changed"),
        ("status: removed", "status: cancelled", "changed"),
        ("status: active", "status: []", "changed"),
        (None, "status: removed", "added"),
        ("status: active", None, "removed"),
        ("status: active", "status: [", "unreadable"),
        ("status: [", "status: active", "unreadable"),
        ("status: [", "status: {", "unreadable"),
        ("status: [", None, "unreadable"),
    ],
)
def test_kinds_of_changes_and_their_inverse(before: str | None, after: str | None, kind: str) -> None:
    old, new = (of({} if text is None else {SENSOR: text + "\n"}) for text in (before, after))

    (change,) = diff(old, new)
    (back,) = diff(new, old)

    assert change.kind == kind
    assert change.inverse() == back


def test_same_id_in_two_files() -> None:
    twice = {"registry/supports/a/p1.yaml": "id: p1\n", "registry/supports/b/p1.yaml": "id: p1\ntype: mast\n"}
    once = {"registry/supports/c/p1.yaml": "id: p1\ntype: mast\n"}

    assert [(change.kind, change.record and change.record.file) for change in diff(of(once), of(twice))] == [
        ("added", "registry/supports/a/p1.yaml")
    ]


data = st.dictionaries(
    st.sampled_from(["status", "notes", "use_cases"]), st.sampled_from(["active", "removed", ["a"], 1, True])
)
states = st.dictionaries(st.sampled_from(["s1", "s2", "s3"]), data)


def replay(records: dict[str, dict[str, object]], changes: list[Change]) -> dict[str, dict[str, object]]:
    result = {**records}
    for change in changes:
        if change.after is None:
            del result[change.rid.id]
        else:
            result[change.rid.id] = dict(change.after.data)
    return result


@given(states, states)
def test_changes_lead_from_one_registry_to_the_other_and_back(
    before: dict[str, dict[str, object]], after: dict[str, dict[str, object]]
) -> None:
    changes = diff(of_records(before), of_records(after))

    assert same(replay(before, changes), after)
    assert same(replay(after, [change.inverse() for change in changes]), before)


@given(st.text(), st.sampled_from(["`", "``", ""]))
def test_code_spans_let_nothing_act(text: str, tick: str) -> None:
    from markdown_it import MarkdownIt

    shown = code(tick + text + tick)

    (inline,) = [token for token in MarkdownIt().parse(f"- {shown}: x") if token.type == "inline"]
    assert [token.type for token in inline.children or []] == ["code_inline", "text"]
    assert (inline.children or [])[1].content == ": x"


# -- the command, in real repositories ------------------------------------------------------------------------


@pytest.fixture
def workspace(git_repo: Path, git: Git) -> Callable[[], Workspace]:
    """A registry with one commit, tagged v1; called, it is opened anew."""
    (git_repo / "smartreg.toml").write_text("", "utf-8")
    write(git_repo, "status: active")
    git("add", "-A")
    git("commit", "-qm", "first")
    git("tag", "v1")
    return lambda: open_workspace(git_repo)


def write(root: Path, text: str) -> None:
    path = root / SENSOR
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"id: s1\n{text}\n", "utf-8")


def field_changes(found: Comparison) -> list[tuple[str, object, object]]:
    return [(str(change.rid), item.before, item.after) for change in found.changes for item in change.fields()]


def test_head_index_working_tree_and_revisions(workspace: Callable[[], Workspace], git_repo: Path, git: Git) -> None:
    write(git_repo, "status: faulty")
    git("commit", "-qam", "second")
    write(git_repo, "status: decommissioned")
    git("add", "-A")
    write(git_repo, "status: removed")

    assert field_changes(run_diff(workspace())) == [("equipment/s1", "faulty", "removed")]
    assert field_changes(run_diff(workspace(), staged=True)) == [("equipment/s1", "faulty", "decommissioned")]
    assert field_changes(run_diff(workspace(), rev="v1")) == [("equipment/s1", "active", "removed")]
    assert field_changes(run_diff(workspace(), rev="v1", staged=True)) == [("equipment/s1", "active", "decommissioned")]
    found = run_diff(workspace(), rev="v1", other="HEAD")
    assert field_changes(found) == [("equipment/s1", "active", "faulty")]
    assert (found.before.name.in_("en"), found.before.commit) == ("v1", git("rev-parse", "v1").strip())
    assert field_changes(run_diff(workspace(), rev="HEAD", other="v1")) == [("equipment/s1", "faulty", "active")]


def terms_missing(found: Workspace) -> Sequence[str] | None:
    """The files whose terms the index does not know by the schemas of the working tree; None for all."""
    state = load_state(found.index)
    if state is None or state.about("frame") != found.current.frame.digest:
        return None
    return tuple(file for file, _, _ in state.stale("linked"))


def test_what_is_read_of_commits_in_a_fresh_clone_is_kept_for_the_next_time(
    workspace: Callable[[], Workspace], git_repo: Path, git: Git
) -> None:
    for number in range(2, 30):
        (git_repo / f"registry/equipment/s{number}.yaml").write_text(f"id: s{number}\n", "utf-8")
    git("add", "-A")
    git("commit", "-qm", "second")
    write(git_repo, "status: faulty")
    git("commit", "-qam", "third")
    settle()

    for _ in range(2):
        assert field_changes(run_diff(workspace(), rev="HEAD~1", other="HEAD")) == [
            ("equipment/s1", "active", "faulty")
        ]
        assert terms_missing(workspace()) == (SENSOR,)


def test_more_changes_ask_the_index_no_more_often(workspace: Callable[[], Workspace], git_repo: Path, git: Git) -> None:
    names = [f"registry/equipment/s{number}.yaml" for number in range(2, 120)]
    for changed in (0, 1, 12):
        for name in names[:changed] if changed else names:
            (git_repo / name).write_text(f"id: {Path(name).stem}\nnotes: text {changed}\n", "utf-8")
        git("add", "-A")
        git("commit", "-qm", f"changes {changed}")
    settle()
    workspace().current.load_all()

    def queries(rev: str, other: str) -> int:
        statements: list[str] = []
        found = workspace()
        with found.index.reading() as connection:
            connection.set_trace_callback(statements.append)
        assert run_diff(found, rev=rev, other=other, asked=DiffOptions(naming=("removed", "retired")), on=ON).changes
        return sum(" json_each(" in statement or " JOIN " in statement for statement in statements)

    for _ in range(2):  # the first run stores what is read of these commits
        counts = [queries(f"{rev}~1", rev) for rev in ("HEAD", "HEAD~1")]
        back = [queries(rev, f"{rev}~1") for rev in ("HEAD", "HEAD~1")]
    assert (max(counts), max(back)) <= (10, 10), (counts, back)


def test_commits_with_other_schemas_leave_what_is_kept_for_the_working_tree(
    workspace: Callable[[], Workspace], git_repo: Path, git: Git
) -> None:
    (git_repo / "schemas").mkdir()
    for name, text in bundled_files().items():
        (git_repo / "schemas" / name).write_bytes(text.replace(b'"Serial number"', b'"Number"'))
    write(git_repo, "status: faulty")
    git("add", "-A")
    git("commit", "-qm", "second")
    settle()
    for _ in range(2):  # the first run lists the files
        workspace().current.load_all()
    assert terms_missing(workspace()) == ()

    assert field_changes(run_diff(workspace(), rev="v1", other="v1^0")) == []
    assert field_changes(run_diff(workspace(), rev="v1", other="HEAD")) == [("equipment/s1", "active", "faulty")]
    assert terms_missing(workspace()) == ()


def test_before_the_first_commit_everything_is_new(git_repo: Path) -> None:
    (git_repo / "smartreg.toml").write_text("", "utf-8")
    write(git_repo, "status: active")

    found = run_diff(open_workspace(git_repo))

    assert found.counts == {"added": 1}
    assert found.before.name.in_("en") == "no commit yet"


def test_only_some_records(workspace: Callable[[], Workspace], git_repo: Path) -> None:
    write(git_repo, "status: faulty")
    (git_repo / "registry/equipment/s2.yaml").write_text("id: s2\n", "utf-8")

    only = run_diff(workspace(), asked=DiffOptions(["s2"])).changes
    assert [change.rid for change in only] == [RecordId("equipment", "s2")]
    (git_repo / SENSOR).unlink()
    assert [change.kind for change in run_diff(workspace(), asked=DiffOptions(["equipment/s1"])).changes] == ["removed"]


def test_rules_newly_broken(workspace: Callable[[], Workspace], git_repo: Path) -> None:
    write(git_repo, "status: active\nsupport: p1")

    found = run_diff(workspace(), on=date(2026, 11, 25))

    assert "REF201" in {finding.code for finding in found.introduced or ()}
    assert run_diff(workspace()).introduced is None


def test_what_cannot_be_compared(workspace: Callable[[], Workspace], tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="nowhere"):
        run_diff(workspace(), rev="nowhere")
    with pytest.raises(UsageFault, match="staged"):
        run_diff(workspace(), rev="v1", other="HEAD", staged=True)
    with pytest.raises(UsageFault, match="no record"):
        run_diff(workspace(), asked=DiffOptions(["equipment/s9"]))
    plain_folder = tmp_path / "plain"
    plain_folder.mkdir()
    (plain_folder / "smartreg.toml").write_text("", "utf-8")
    with pytest.raises(StateFault):
        run_diff(open_workspace(plain_folder))
