# make plan    plan all of Tianjin            make test    lint, types and tests
# make heping  plan one district, in a minute make clean   remove what was installed and built
# Needs python3 (3.11 or later) with pip and venv. Another interpreter: make plan PYTHON=python3.13

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: plan heping test install clean

plan: $(VENV)/.installed
	$(BIN)/siting run configs/tianjin-2027.yaml

heping: $(VENV)/.installed
	$(BIN)/siting run configs/heping.yaml

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses auto --dist loadfile

install: $(VENV)/.installed

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] \
	  + "; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build siting.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
