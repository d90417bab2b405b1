# make guide: set up, measure, write guide.html.   make test: set up, lint, check types, run every test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: guide test lint types unit derived clean
guide: $(VENV)/.guide
	$(BIN)/nonlin guide

test: lint types unit

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks conftest.py
	$(BIN)/ruff format --check src tests benchmarks conftest.py

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/pytest -q -n 2 --dist worksteal

derived: $(VENV)/.dev  # after a change of the catalogue: the shipped records and the type stubs
	$(BIN)/python -m nonlin.derived

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.guide: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) -e '.[guide]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) -e '.[dev]'
	touch $@ $(VENV)/.guide

clean:
	rm -rf $(VENV) build dist src/*.egg-info guide.html .pytest_cache .mypy_cache .ruff_cache
