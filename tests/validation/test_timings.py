"""`validate --timings`: the phases and rules of a check, and nothing else than without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import start

SUPPORT = "id: {id}\ntype: street_light\nowner: istres\nstatus: active\nlocation:\n  lon: 4.98\n  lat: 43.51\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "smartreg.toml").write_text("")
    for path, text in {
        "parties/istres": "id: istres\nname: Istres\ncategory: commune\n",
        "supports/a": SUPPORT.format(id="a"),
        "supports/b": SUPPORT.format(id="b"),
    }.items():
        file = tmp_path / "registry" / f"{path}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_the_findings_are_the_same_and_every_rule_says_how_often_it_was_called(folder: Path) -> None:
    usual = json.loads(start("validate", "--json", cwd=folder).stdout)
    measured = json.loads(start("validate", "--json", "--timings", cwd=folder).stdout)
    timings = measured.pop("timings")
    assert measured == usual
    assert {finding["code"] for finding in usual["findings"]} >= {"GEO716"}
    assert [*timings["phases"]] == ["open", "read", "store", "schemas", "findings", "waivers"]
    calls = {rule["code"]: rule["calls"] for rule in timings["rules"]}
    assert calls["REC107"] == 3, "of every record"
    assert calls["GEO716"] == 1, "of all supports at once"
    assert "REC117" not in calls, "no record has an IMEI"
    assert "GEO705" not in calls, "there is no equipment"


def test_people_see_the_ten_dearest_rules(folder: Path) -> None:
    out = start("validate", "--timings", cwd=folder).stdout
    head, _, table = out.rpartition("\n\n")
    assert f"{head}\n" == start("validate", cwd=folder).stdout
    rows = [line.split() for line in table.splitlines()]
    assert all(row[1] == "ms" and row[2].endswith("%") for row in rows)
    assert sum("×" in row for row in rows) == 10
    assert not (folder / ".git").exists()


@pytest.mark.parametrize("words", ["-f sarif", "-f github", "--statistics", "--since main", "--fix"])
def test_what_it_does_not_go_with(folder: Path, words: str) -> None:
    ended = start("validate", "--timings", *words.split(), cwd=folder)
    assert ended.returncode == 2
    assert "--timings" in ended.stderr
    assert "help: " in ended.stderr
