"""Change of what is run.

## What it checks

`validate --since` tells each file that a change touches and that can do something, and what that is:

- workflows and pipelines (`.github/`, `.gitlab-ci.yml`, `.buildkite/`, `ci/` …) run, and may read secrets;
- hooks (`.husky/`, `.githooks/`, `lefthook.yml`, `.pre-commit-config.yaml`) run on the computers where they are
  installed;
- Git goes by `.gitattributes`, `.gitignore`, `.gitmodules`, `.lfsconfig`, `.mailmap`; CODEOWNERS says who reviews;
- editors and shells obey `.vscode/`, `.idea/`, `.devcontainer/`, `.editorconfig`, `.envrc`, `.env` … when the folder is
  opened;
- whoever builds, tests or installs here runs what `Makefile`, `Dockerfile`, `pyproject.toml`, `package.json`,
  `tox.ini` … say;
- scripts (`*.py`, `*.sh`, `*.ps1`, `scripts/` …, and every executable file) wait for somebody to run them; a
  `conftest.py` or `sitecustomize.py` does not even wait for that.

A symbolic link or a submodule outside of `registry/` and `schemas/` is a warning; inside they are errors (YML010).

## Why

Smartreg: whoever may change a workflow decides what a check says, and may read its secrets. Between two hundred records
such a line is easily overlooked.

## Wrong

```yaml
# .github/workflows/registry.yml
jobs: {validate: {steps: [{run: "true"}]}}
```

## Right

```yaml
# a pull request of records alone
status: faulty
```

## How to mend

Nothing has to be mended: look at it, before anything of it runs. Better: a pull request of its own.

## Configure

`CHG817 = "error"` under `[severity]` in `smartreg.toml` of the base blocks such changes.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(
    __name__,
    "CHG817",
    "info",
    Words("change of what is run", "modification de ce qui est lancé"),
    "frame",
)
