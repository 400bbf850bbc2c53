# make plan    plan all of Tianjin              make check  lint, types and the quick tests: under two minutes
# make heping  plan one district, in a minute   make test   lint, types and all tests
# make docs    build the site of docs/ in site  make clean  remove what was installed and built
# Needs python3 (3.11 or later) with pip and venv. Another interpreter: make plan PYTHON=python3.13

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
SITE ?= site
CONFIG ?= configs/tianjin-2027.yaml

.PHONY: plan heping check test docs install clean

plan: $(VENV)/.installed
	$(BIN)/siting run $(CONFIG)

heping: $(VENV)/.installed
	$(BIN)/siting run configs/heping.yaml

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not slow" --numprocesses auto --dist loadfile

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses auto --dist loadfile --durations 20

docs: $(VENV)/.installed-docs
	$(BIN)/mkdocs build --strict --site-dir $(SITE)

install: $(VENV)/.installed

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] \
	  + "; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-test: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build site .cache siting.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
