"""The pipelines that `init --ci` writes, and where they install smartreg from.

The lines of a pipeline check a pull request against where it started (`--since`), and its authors once parties list
writers, and all else in full, in one command of the shell: `${NAME:+--since "…"}` is there where the service names the
base. Before it, the index is cleared: it may come from an earlier job, which a branch could have written.

Lines with the name of a folder are block scalars: nothing in them is YAML.

A pull request from a fork gets no variable and no secret of the repository: what a pipeline needs is written into it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from smartreg.core.errors import UsageFault
from smartreg.core.installation import DISTRIBUTION, SAFELY, find_distributions
from smartreg.core.messages import Language, Message, Text
from smartreg.wording.changes_markdown import MARKER

AUTHORS = "--as-author-if-listed"
# The full name of the base: Git prefers a tag called origin/main to the branch.
GITHUB_SINCE = f'${{BASE:+--since "refs/remotes/origin/$BASE" {AUTHORS}}}'
# A pipeline of merged results judges the merge with what the target branch has now, which may be later than where the
# change left it: its faults are none of the change.
GITLAB_SINCE = (
    "${CI_MERGE_REQUEST_DIFF_BASE_SHA:+--since "
    f'"${{CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}}" {AUTHORS}}}'
)

PYTHON = f"python {SAFELY}"

# Looked up in the repositories of the actions: a tag can be moved, a commit cannot.
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"

_GITHUB = r"""# Check the registry. Pull requests from forks get no variables and no secrets, and this needs none.
# Plug-ins that smartreg.toml names go behind the source of smartreg, each with its commit.
name: registry
on:
  pull_request:
  push:
    branches: [@branch@]
  schedule:
    - cron: "17 4 * * *"
permissions: {}
@environment@jobs:
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
      - uses: @checkout@
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: @setup-python@
        with:
          python-version: "3.12"
      - run: @install@
      - run: |-
          @python@ smartreg doctor@folder@ --clear-index
      - run: |-
          @python@ smartreg validate@folder@ @since@ -f github --step-summary
        env:
          BASE: ${{ github.base_ref }}
"""

_GITHUB_COMMENT = r"""# Comment on a pull request, also from a fork: what it changes.
# This runs from the default branch once the workflow `registry` has ended. All that it takes from that run is which
# commit is the head; it reads that commit as data, and only the steps that name TOKEN have it.
name: registry comment
on:
  workflow_run:
    workflows: [registry]
    types: [completed]
permissions: {}
@environment@jobs:
  comment:
    if: github.event.workflow_run.event == 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      pull-requests: write
    env:
      HEAD_SHA: ${{ github.event.workflow_run.head_sha }}
      HEAD_REPOSITORY: ${{ github.event.workflow_run.head_repository.full_name }}
      HEAD_OWNER: ${{ github.event.workflow_run.head_repository.owner.login }}
      HEAD_BRANCH: ${{ github.event.workflow_run.head_branch }}
    steps:
      # The event names no pull request of a fork: GitHub is asked for the open ones, and one must have this very head.
      - name: Find the pull request
        id: pull
        env:
          TOKEN: ${{ github.token }}
        run: |
          set -euo pipefail
          curl -fsS --get -H @- --data-urlencode "head=$HEAD_OWNER:$HEAD_BRANCH" -d state=open -d per_page=100 \
            "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/pulls" <<< "Authorization: Bearer $TOKEN" |
            jq -r '[.[] | select(.head.sha == env.HEAD_SHA and .head.repo.full_name == env.HEAD_REPOSITORY)]
              | if length == 1 then "number=\(.[0].number)", "base=\(.[0].base.ref)" else empty end' >> "$GITHUB_OUTPUT"
      - if: steps.pull.outputs.number
        uses: @checkout@
        with:
          fetch-depth: 0
          persist-credentials: false
      - if: steps.pull.outputs.number
        uses: @setup-python@
        with:
          python-version: "3.12"
      - if: steps.pull.outputs.number
        run: @install@
      - name: Fetch the head, without checking it out
        if: steps.pull.outputs.number
        env:
          TOKEN: ${{ github.token }}
          NUMBER: ${{ steps.pull.outputs.number }}
        run: |
          set -euo pipefail
          export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader"
          GIT_CONFIG_VALUE_0="Authorization: Basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w 0)"
          export GIT_CONFIG_VALUE_0
          git fetch --quiet --no-tags origin "+refs/pull/$NUMBER/head:refs/remotes/pull/head"
          git cat-file -e "$HEAD_SHA^{commit}" || { echo "the branch was rewritten meanwhile" >&2; exit 1; }
      - name: Say what it changes
        if: steps.pull.outputs.number
        env:
          BASE: ${{ steps.pull.outputs.base }}
        run: |
          set -euo pipefail
          @python@ smartreg doctor@folder@ --clear-index
          start="$(git merge-base "refs/remotes/origin/$BASE" "$HEAD_SHA")"
          @python@ smartreg diff@folder@ -f markdown -o "$RUNNER_TEMP/comment.md" "$start" "$HEAD_SHA"
      - name: Comment, or bring our comment up to date
        if: steps.pull.outputs.number
        env:
          TOKEN: ${{ github.token }}
          NUMBER: ${{ steps.pull.outputs.number }}
        run: |
          set -euo pipefail
          repository="$GITHUB_API_URL/repos/$GITHUB_REPOSITORY"
          ask() { curl -fsS -H @- "$@" <<< "Authorization: Bearer $TOKEN"; }
          ours="" page=1 found=100
          while [ -z "$ours" ] && [ "$found" -eq 100 ]; do
            comments="$(ask "$repository/issues/$NUMBER/comments?per_page=100&page=$page")"
            found="$(jq length <<< "$comments")" page=$((page + 1))
            ours="$(jq -r '[.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("@marker@")))]
              | first | .id // empty' <<< "$comments")"
          done
          # GitHub takes 65 536 characters.
          jq -n --rawfile text "$RUNNER_TEMP/comment.md" \
            '{body: ($text[:65000] + if ($text | length) > 65000 then "\n…" else "" end)}' > "$RUNNER_TEMP/body.json"
          if [ -n "$ours" ]; then
            ask -o "$RUNNER_TEMP/answer.json" -X PATCH -d "@$RUNNER_TEMP/body.json" "$repository/issues/comments/$ours"
          else
            ask -o "$RUNNER_TEMP/answer.json" -X POST -d "@$RUNNER_TEMP/body.json" "$repository/issues/$NUMBER/comments"
          fi
"""

_GITLAB = r"""registry:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
@variable@  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    # A merge request from a fork runs this in the fork, which has no variables of this project: the source of smartreg
    # is written here. Plug-ins that smartreg.toml names go behind it, each with its commit.
    - @install@
    - |-
      @python@ smartreg doctor@folder@ --clear-index
    - |-
      @python@ smartreg validate@folder@ @since@ --report gitlab=code-quality.json --report junit=junit.xml
  artifacts:
    when: always
    reports:
      codequality: code-quality.json
      junit: junit.xml
"""

_PLACEHOLDER = re.compile(r"@([a-z-]+)@")
_EXPRESSION = "${{"  # GitHub fills expressions in before a shell sees the script
_PATTERN = re.compile(r"[!+]")  # what a ref's name may hold and GitHub's filters of branches read otherwise
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")


@dataclass(frozen=True)
class Service:
    """The facts of a repository that its pipeline needs: the `branch` that changes go into, and the way from the top to
    the registry (`folder`, empty or ending with a slash): services read pipelines at the top alone; the `source` of
    smartreg, as pip reads it; and the language of what they print and comment."""

    source: str
    branch: str = "main"
    folder: str = ""
    lang: Language = "en"


def github(service: Service) -> str:
    return _fill_template(_GITHUB, service, GITHUB_SINCE)


def github_comment(service: Service) -> str:
    return _fill_template(_GITHUB_COMMENT, service)


def gitlab(service: Service) -> str:
    return _fill_template(_GITLAB, service, GITLAB_SINCE)


def _fill_template(text: str, service: Service, since: str = "") -> str:
    folder = service.folder.rstrip("/")
    spoken = f"SMARTREG_LANG: {service.lang}\n" if service.lang != "en" else ""
    values = {
        "checkout": CHECKOUT,
        "setup-python": SETUP_PYTHON,
        "install": f"{PYTHON} pip install '{service.source}'",
        "python": PYTHON,
        "folder": f" -C {_shell_word(folder)}" if folder else "",
        "environment": f"env:\n  {spoken}" if spoken else "",
        "variable": f"    {spoken}" if spoken else "",
        "branch": json.dumps(_PATTERN.sub(r"\\\g<0>", service.branch), ensure_ascii=False),
        "since": since,
        "marker": MARKER,
    }
    # All at once: a folder may be called @python@.
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def _shell_word(folder: str) -> str:
    """The folder as one word of a shell that holds no expression of GitHub."""
    return shlex.quote(folder).replace(_EXPRESSION, "$''{{")


def _refuse_unwritable(service: Service) -> None:
    """UsageFault for a folder or a branch whose name cannot be written into a pipeline."""
    for name, what in (
        (service.folder, Message("the folder")),
        (service.branch, Message("the branch")),
    ):
        if _BREAKS.search(name) or (name == service.branch and _EXPRESSION in name):
            raise UsageFault(
                Message("{what} {name} cannot be named in a pipeline", what=what, name=repr(name)),
                Message("rename it, or leave --ci out"),
            )


WORKFLOW_FOLDER, GITLAB_FILE = ".github/workflows", ".gitlab-ci.yml"
PIPELINES: dict[str, dict[str, Callable[[Service], str]]] = {
    "github": {
        f"{WORKFLOW_FOLDER}/registry.yml": github,
        f"{WORKFLOW_FOLDER}/registry-comment.yml": github_comment,
    },
    "gitlab": {GITLAB_FILE: gitlab},
}


def services_named(words: Iterable[str]) -> tuple[str, ...]:
    """The services to write pipelines for; "none" means no service. UsageFault for one that does not exist."""
    for word in words:
        if word not in (*PIPELINES, "none"):
            raise UsageFault(Message('no pipeline "{word}"; there are github, gitlab, none', word=word))
    return tuple(word for word in words if word in PIPELINES)


def pipelines_of(services: Iterable[str], service: Service) -> dict[str, bytes]:
    """Texts of the pipelines for these services (github, gitlab), keyed by path from the top of the repository.
    UsageFault for a repository whose names cannot stand in them."""
    if services := tuple(services):
        _refuse_unwritable(service)
    return {path: text(service).encode() for word in services for path, text in PIPELINES[word].items()}


_PATH = r"https://[A-Za-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9._~/%+-]+"
_SOURCE = re.compile(
    rf"git\+{_PATH}@(?:[0-9a-f]{{40}}|[0-9a-f]{{64}})(?:#subdirectory=[A-Za-z0-9._/-]+)?"
    rf"|{_PATH}\.(?:whl|tar\.gz|zip)#sha256=[0-9a-f]{{64}}"
)
_FORMS = Message("give --source git+https://HOST/PATH@COMMIT (all 40 digits), or https://HOST/FILE.whl#sha256=DIGEST")


def source_for_pipelines(given: str | None) -> str:
    """Where pipelines install smartreg from: `given`, else where this one was installed from (PEP 610). UsageFault for
    a source that cannot be reached from elsewhere or that could become another program."""
    source = given if given is not None else install_source()
    if source is None:
        raise UsageFault(
            Message(
                "pipelines must know where to install smartreg from, and this one was not installed from an address "
                "with a commit"
            ),
            _FORMS,
        )
    if not _SOURCE.fullmatch(source):
        why = _objection(source)
        raise UsageFault(Message("--source {source}: {why}", source=source, why=why), _FORMS)
    return source


def _objection(source: str) -> Text:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[.*\])?(?:[=~<>!].*)?", source):
        return Message("a bare name: whoever registers it in a package index would run code in every pipeline")
    if source.startswith("git+https://"):
        return Message(
            "it lacks the id of a commit, or has a part that pipelines cannot use: branches and tags can be moved"
        )
    return Message("pipelines cannot install from there, or cannot tell that it stays the same")


def install_source() -> str | None:
    """The address that this smartreg was installed from, with its commit or digest; None where none is recorded, and
    for one that others cannot use: a folder, an address with a user."""
    about = next(iter(find_distributions(name=DISTRIBUTION)), None)
    text = about and about.read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    url, inside = origin.get("url", ""), origin.get("subdirectory")
    if (origin.get("vcs_info") or {}).get("vcs") == "git":
        url = f"git+{url}@{origin['vcs_info'].get('commit_id')}" + (f"#subdirectory={inside}" if inside else "")
    elif "archive_info" in origin:
        hashes = origin["archive_info"].get("hashes") or dict([origin["archive_info"].get("hash", "=").split("=", 1)])
        url = f"{url}#sha256={hashes.get('sha256')}"
    return url if _SOURCE.fullmatch(url) else None
