"""Where a command works: found from any folder below, with or without Git; records by the names that people use."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Git

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import RecordId
from smartreg.workspace.workspace import INDEX, Workspace, open_workspace, record_named, record_of

FILES = {
    "smartreg.toml": 'name = "x"\nselect = ["REF"]\n',
    "registry/parties/istres.yaml": "id: istres\nname: Istres\ncategory: private\n",
    "registry/parties/fos.yaml": "id: fos\nname: Fos\ncategory: private\n",
    "registry/networks/fos.yaml": "id: fos\nname: Fos\n",
    "registry/equipment/noise.yaml": 'id: noise\ndev_eui: "70B3D57ED0061001"\nserial_number: SN-7\n',
    "registry/use-cases/air.yaml": "id: air\nowner: nobody\n",
    "registry/use-cases/broken.yaml": "id: [\n",
}


def place(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    for path, text in FILES.items():
        place(git_repo, path, text)
    git("add", "-A")
    git("commit", "-qm", "start")
    return git_repo


@pytest.fixture
def work(root: Path) -> Workspace:
    return open_workspace(root / "registry/parties")


@pytest.mark.parametrize(
    ("word", "rid"),
    [
        ("istres", "party/istres"),
        ("party/fos", "party/fos"),
        ("parties/fos", "party/fos"),
        ("use-case/air", "use_case/air"),
        ("registry/networks/fos.yaml", "network/fos"),
        ("SN-7", "equipment/noise"),
        ("70-b3-d5-7e-d0-06-10-01", "equipment/noise"),
    ],
)
def test_a_record_by_the_names_that_people_use(work: Workspace, word: str, rid: str) -> None:
    assert str(record_named(work.current, word)) == rid
    assert str(record_of(work.current, word).rid) == rid


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("fos", '"fos" names 2 records: party/fos, network/fos', "write KIND/ID"),
        ("istre", 'no record "istre"', 'did you mean "istres"?'),
        ("party/istre", 'no record "party/istre"', 'did you mean "party/istres"?'),
        ("registry/parties/istre.yaml", "no record", 'did you mean "registry/parties/istres.yaml"?'),
        ("quite-something-else", "no record", "smartreg list shows what there is"),
    ],
)
def test_what_names_no_record_is_refused_with_a_hint(work: Workspace, word: str, message: str, hint: str) -> None:
    with pytest.raises(UsageFault) as refused:
        record_named(work.current, word)
    assert message in refused.value.message.in_("en")
    assert refused.value.hint
    assert hint in refused.value.hint.in_("en")


def test_a_record_that_cannot_be_read_says_so(work: Workspace) -> None:
    with pytest.raises(StateFault, match=r"registry/use-cases/broken\.yaml cannot be read"):
        record_of(work.current, "broken")


def test_the_index_and_old_states_have_their_own_texts_and_settings(root: Path, git: Git) -> None:
    place(root, "registry/parties/istres.yaml", "id: istres\nname: Staged\ncategory: private\n")
    git("add", "-A")
    place(root, "registry/parties/istres.yaml", "id: istres\nname: Now\ncategory: private\n")
    place(root, "smartreg.toml", 'name = "now"\n')
    work = open_workspace(root)
    rid = RecordId("party", "istres")
    names = {}
    for at in (None, INDEX, "HEAD"):
        record = work.registry(at).get(rid)
        assert record
        names[at] = (record.data["name"], work.registry(at).config.name)
    assert names == {None: ("Now", "now"), INDEX: ("Staged", "x"), "HEAD": ("Istres", "x")}


def test_the_settings_select_the_rules(work: Workspace) -> None:
    codes = {finding.code for finding in work.checker(work.current, date(2026, 1, 15)).check(work.current).findings}
    assert "REF201" in codes
    assert {code[:3] for code in codes} == {"REF"}


def test_without_git_records_are_read_and_nothing_else(tmp_path: Path) -> None:
    for path, text in FILES.items():
        place(tmp_path, path, text)
    work = open_workspace(tmp_path)
    assert record_of(work.current, "istres").data["name"] == "Istres"
    with pytest.raises(StateFault) as refused:
        work.registry("HEAD")
    assert refused.value.exit_code == 3
    assert "no Git repository" in refused.value.message.in_("en")


def test_outside_of_a_registry_one_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(StateFault) as refused:
        open_workspace(tmp_path)
    assert refused.value.hint
    assert "smartreg init" in refused.value.hint.in_("en")
