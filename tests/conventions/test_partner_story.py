"""A partner's pull request, from the fork to the audit: red, fixed, green, commented, merged; and one squashed.

The workflows are those that `init --ci` writes, run in bash on bare repositories; the comments go to a GitHub of ours.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from program import GIT_CONFIG, ROOT, Done, start
from services import BASE, Hub, Runner, git, serve
from signing import Person, new_key

SOURCE = f"git+https://example.org/smartreg.git@{'5f' * 20}"
FORK = "istres/registre"
GATE = ".github/workflows/registry.yml"
PATH = "registry/equipment/noise-1.yaml"
SENSOR = ("--type", "sensor", "--owner", "istres", "--use-case", "noise", "--status", "planned", "--support", "pole-1")

pytestmark = pytest.mark.skipif(not (shutil.which("jq") and shutil.which("curl")), reason="needs curl and jq")


@dataclass
class Play:
    """The service, a runner, and the clones of the metropole and of the partner."""

    hub: Hub
    runner: Runner
    amp: Person
    istres: Person
    metropole: Path
    partner: Path
    runs: int = 0

    def _work(self, ref: str) -> Path:
        self.runs += 1
        return self.hub.checkout(self.runner.folder / f"work-{self.runs}", ref)

    def gate(self, number: int) -> Done:
        """What `registry.yml` of the base says of a pull request."""
        work = self._work(f"refs/pull/{number}/merge")
        workflow = (work / GATE).read_text(encoding="utf-8")
        return self.runner.run(workflow, work, {"github.base_ref": "main"})[-1]

    def comment(self, head: str, branch: str, fork: str = FORK) -> list[Done]:
        """What `registry-comment.yml` of the default branch does after a run for this head."""
        work = self._work("refs/heads/main")
        workflow = (work / ".github/workflows/registry-comment.yml").read_text(encoding="utf-8")
        run = "github.event.workflow_run"
        event = {
            f"{run}.head_sha": head,
            f"{run}.head_branch": branch,
            f"{run}.head_repository.full_name": fork,
            f"{run}.head_repository.owner.login": fork.partition("/")[0],
        }
        return self.runner.run(workflow, work, event, GITHUB_API_URL=self.hub.url)

    def gitlab(self, branch: str, start: str) -> Done:
        """What GitLab runs in the fork, which includes the template, for a merge request that left the target there."""
        work = self.runner.folder / "gitlab"
        git(self.partner, "clone", "-q", "-b", branch, str(self.hub.repository(FORK)), str(work))
        _header, job = yaml.safe_load_all((ROOT / "ci/gitlab.yml").read_text(encoding="utf-8"))
        script = "\n".join(job["registry"]["script"]).replace("$[[ inputs.source ]]", SOURCE)
        return self.runner.bash(script, work, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": start})

    def push(self, number: int, branch: str) -> str:
        """The partner sends the branch to the fork; its pull request follows. The id of the head."""
        self.istres.git(self.partner, "push", "-qf", "origin", f"HEAD:refs/heads/{branch}")
        return self.hub.pull(number, FORK, branch)

    def begin(self, branch: str) -> None:
        self.istres.git(self.partner, "fetch", "-q", str(self.hub.repository(BASE)), "main")
        self.istres.git(self.partner, "checkout", "-qB", branch, "FETCH_HEAD")

    def writes(self, *words: str) -> None:
        done = start(*words, "-y", cwd=self.partner)
        assert done.returncode == 0, done.stderr

    def merges(self, *ways: list[str]) -> None:
        """What the service does on the main branch."""
        git(self.metropole, "fetch", "-q", "origin", *(f"refs/pull/{number}/head" for number in self.hub.pulls))
        for words in ways:
            git(self.metropole, *words)
        git(self.metropole, "push", "-q", "origin", "HEAD:main")

    def audit(self, since: str) -> tuple[int, list[str]]:
        done = start("audit", "--since", since, "--json", cwd=self.metropole)
        traces = json.loads(done.stdout)["traces"]
        return done.returncode, [found["message"] for trace in traces for found in trace["findings"]]


@pytest.fixture
def play(tmp_path: Path, home: Path) -> Iterator[Play]:
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    amp, istres = (Person(f"agent@{name}.example.org", new_key(home, name)) for name in ("amp", "istres"))
    made = start("init", "amp", "--ci", "github", "--source", SOURCE, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    files = {
        "smartreg.toml": 'name = "R"\nmetropole = "amp"\n[severity]\nCON301 = "off"\n',
        "registry/use-cases/noise.yaml": "id: noise\ntitle: Noise\nowner: amp\ndomain: noise\nstatus: idea\n",
        "registry/supports/13047/pole-1.yaml": "id: pole-1\ntype: street_light\nowner: istres\nstatus: in_service\n"
        'insee_code: "13047"\nlocation: {lon: 4.98747, lat: 43.51345}\n',
    } | {
        f"registry/parties/{name}.yaml": f"id: {name}\nname: {name}\ncategory: private\n"
        f'writers:\n  keys: ["{one.key.fingerprint}"]\n'
        for name, one in (("amp", amp), ("istres", istres))
        if one.key
    }
    amp.commits(tmp_path / "amp", files, "start")
    with serve(tmp_path / "hub") as hub:
        for name in (BASE, FORK):
            hub.repository(name).parent.mkdir(parents=True)
            git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "amp"), str(hub.repository(name)))
            git(tmp_path, "clone", "-q", str(hub.repository(name)), str(tmp_path / name.replace("/", "-")))
        metropole, partner = (tmp_path / name.replace("/", "-") for name in (BASE, FORK))
        for name, value in {
            "user.email": istres.email,
            "gpg.format": "ssh",
            "user.signingKey": str(home / "istres"),
        }.items():
            git(partner, "config", name, value)
        yield Play(hub, Runner(tmp_path / "runner"), amp, istres, metropole, partner)


@pytest.mark.promise("R9")
def test_a_partners_fork(play: Play) -> None:
    hub, began = play.hub, git(play.metropole, "rev-parse", "HEAD")
    play.begin("noise")
    play.writes("add-sensor", "--id", "noise-1", *SENSOR)
    head = play.push(7, "noise")
    red = play.gate(7)
    assert (red.returncode, f"::error file={PATH}" in red.stdout, "CHG812" in red.stdout) == (1, True, True), red.stderr
    assert [done.returncode for done in play.comment(head, "noise")] == [0] * 5
    assert "`equipment/noise-1`" in hub.comments[0]["body"]

    play.istres.git(play.partner, "commit", "-q", "--amend", "--no-edit", "-S")
    (ours,) = hub.comments  # and a whole page of what somebody else copied from it
    hub.comments[:0] = [{**ours, "id": number, "user": {"login": "somebody"}} for number in range(1, 101)]
    ours["id"] = len(hub.comments)
    for each in hub.comments:
        each["body"] += "stale"
    head = play.push(7, "noise")
    assert play.gate(7).returncode == 0
    done = play.comment(head, "noise")
    assert [one.returncode for one in done] == [0] * 5, done[-1].stderr
    assert [number for number, one in enumerate(hub.comments) if "stale" not in one["body"]] == [100]
    assert (play.runner.folder / "pip").read_text().splitlines() == [SOURCE] * 4

    play.merges(["merge", "-q", "--no-ff", "-m", "Merge pull request #7 from istres/noise", "FETCH_HEAD"])
    assert play.audit(began) == (0, [])


def test_a_squash_of_what_needs_nobodys_agreement(play: Play) -> None:
    began = git(play.metropole, "rev-parse", "HEAD")
    git(play.partner, "config", "commit.gpgSign", "true")
    play.begin("notes")
    play.writes("set", "pole-1", "notes=Repainted")
    play.writes("add-sensor", "--id", "noise-1", *SENSOR)
    play.push(8, "notes")
    assert play.gate(8).returncode == 0
    there = play.gitlab("notes", began)
    assert there.returncode == 0, there.stderr
    play.merges(["merge", "-q", "--squash", "FETCH_HEAD"], ["commit", "-q", "--no-edit"])
    assert play.audit(began) == (0, [])


def test_no_comment_without_exactly_that_pull_request(play: Play) -> None:
    """The name of a branch, its commit and its repository: all three have to be those of an open pull request."""
    play.begin("notes")
    head = play.push(9, "notes")
    base = git(play.metropole, "rev-parse", "HEAD~1")
    for asked in ((base, "notes", FORK), (head, "main", FORK), (head, "notes", "istres/other"), (head, "notes", BASE)):
        assert [one.returncode for one in play.comment(*asked)] == [0]
    assert play.hub.comments == []
