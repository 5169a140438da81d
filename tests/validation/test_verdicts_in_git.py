"""What was found before and is kept, in a working tree that Git has: the answer is that of a run without."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from conftest import Git
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import ON, SETTINGS, Texts, registry_and_edit
from stored import (
    ANNEX,
    ANNEXES,
    afresh,
    change_texts,
    checker,
    git_in,
    laid,
    open_there,
    open_tree,
    settle,
)
from test_verdicts import ACCEPTED, NOTED, UNUSED

from smartreg.commands.validate import ValidateOptions, validate
from smartreg.core.errors import UsageFault
from smartreg.gitio import open_repo
from smartreg.registry import Registry
from smartreg.trees import WorkingTree
from smartreg.validation.check import Judged
from smartreg.workspace.workspace import open_workspace


def looked_up(registry: Registry) -> dict[str, list[str]]:
    """Who names each record, as the cache tells."""
    return {str(rid): [link.source.id for link in registry.links_to(rid)] for rid in sorted(registry.places)}


def here(root: Path, on: date) -> Judged | str:
    registry = open_there(root)
    try:
        found = checker(registry, on).check(registry, incremental=True)
    except UsageFault as fault:
        return fault.message.in_("en")
    again = open_there(root)
    whole = open_tree(WorkingTree(root, open_repo(root)), None).load_all()
    assert looked_up(again) == looked_up(whole)
    assert [again.at(file) for file in again.by_file] == [whole.at(file) for file in again.by_file]
    assert {*again.by_file} == {*whole.by_file}
    assert {kind: [*again.ids(kind)] for kind in again.schemas.kinds} == {
        kind: [*whole.ids(kind)] for kind in whole.schemas.kinds
    }
    return found


@settings(max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_with_and_without_what_is_kept_the_answer_is_the_same(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root, random = tmp_path_factory.mktemp("repo"), Random(seed)
    git = git_in(root)
    git("init", "-q", "--initial-branch=main")
    texts, writes = registry_and_edit(seed)
    for path in [path for path in texts if path.startswith("registry/conventions/")]:
        texts[path] += ANNEXES
    texts |= {ANNEX: b"a", "smartreg.toml": SETTINGS}
    if random.random() < 0.5:  # Git may convert line ends: sizes count
        (root / ".gitattributes").write_text("*.yaml text\n")
    before: Texts = {}
    for _ in range(5):
        laid(root, before, texts)
        if random.random() < 0.5 or not before:
            git("add", "-A")
            git("commit", "-qm", "state")
        if random.random() < 0.7:
            settle()
        on = random.choice((ON, ON, date(2031, 6, 1)))
        assert here(root, on) == afresh(texts, on)
        before, texts, writes = texts, change_texts(random, texts, writes), {}


def test_notes_that_are_not_shown_are_only_counted(git_repo: Path, git: Git) -> None:
    laid(git_repo, {}, {**NOTED, "smartreg.toml": ACCEPTED})
    git("add", "-A")
    git("commit", "-qm", "state")
    laid(git_repo, {}, {"registry/parties/e.yaml": UNUSED.replace(b"unused", b"e")})

    for settings_, made, counted in (
        (SETTINGS, 5, 0),  # nothing is stored yet
        (SETTINGS, 0, 5),
        (ACCEPTED, 4, 0),  # one is waived: all of the code are looked at
        (SETTINGS + b'[severity]\nREF214 = "warning"\n', 5, 0),
        (b'ignore = ["REF214"]\n' + SETTINGS, 0, 0),
    ):
        (git_repo / "smartreg.toml").write_bytes(settings_)
        found, whole = (
            validate(open_workspace(git_repo), ValidateOptions(ON, count_notes=count)) for count in (True, False)
        )
        assert [one.code for one in found.findings].count("REF214") == made
        assert found.notes.get("REF214", 0) == counted
        assert found.summary.counts == whole.summary.counts
        assert found.summary == whole.summary
        assert whole.notes == {}


def test_a_change_that_was_taken_back(git_repo: Path, git: Git) -> None:
    """What it touches is looked for in all files of the state before, of which more are not committed than now."""
    network, sensor = "registry/networks/n.yaml", b"id: s\nowner: b\nnetwork: n\n"
    parties = {f"registry/parties/p{n}.yaml": UNUSED.replace(b"unused", b"p%d" % n) for n in range(20)}
    texts = {**parties, network: b"id: n\nowner: p0\n", "registry/equipment/s.yaml": sensor, "smartreg.toml": SETTINGS}
    laid(git_repo, {}, texts)
    git("add", "-A")
    git("commit", "-qm", "state")
    settle()
    edited = {path: text + b"siren: 1\n" for path, text in [*parties.items()][:2]}
    for more in ({**edited, network: b"id: n\nowner: p1\n"}, {network: texts[network]}):
        laid(git_repo, texts, {**texts, **more})
        texts |= more
        assert here(git_repo, ON) == afresh(texts)


def test_a_record_of_the_metropole_that_cannot_be_read(git_repo: Path, git: Git) -> None:
    """The unnamed parties are told of together all the same, at the first of them."""
    metropole = "registry/parties/party-1.yaml"
    texts = {metropole: b"id: party-1\n", "registry/parties/unused.yaml": UNUSED, "smartreg.toml": SETTINGS}
    laid(git_repo, {}, texts)
    git("add", "-A")
    git("commit", "-qm", "state")
    settle()
    for text in (b"id: party-1\n", b"id: [\n", b"id: party-1\n"):
        laid(git_repo, texts, {**texts, metropole: text})
        texts |= {metropole: text}
        found = here(git_repo, ON)
        assert found == afresh(texts)
        assert isinstance(found, Judged)
        told = [one.where.file for one in found.findings if one.code == "REF214"]
        assert told == ["registry/parties/unused.yaml"]
