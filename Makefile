# One file of commands; `make` alone lists them. Each creates the environment it needs.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && { echo $$p; break; }; done)
WORKERS ?= 2

export DO_NOT_TRACK = 1
export DAGSTER_DISABLE_TELEMETRY = yes

.PHONY: help env demo up lint types sql test check bench clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Capstan needs Python 3.11 or newer; none was found on PATH."; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version) (one to two minutes, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

env: $(STAMP) ## create the environment in .venv

demo: $(STAMP) ## the whole platform on the demo world, then serve it (Ctrl-C stops it)
	@$(BIN)/capstan demo

up: $(STAMP) ## serve what is already there
	@$(BIN)/capstan up

lint: $(STAMP) ## ruff, types, SQL style, dbt parse, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types sql

types: $(STAMP)
	@$(BIN)/mypy

sql: $(STAMP)
	@$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests --processes $(WORKERS) --disable-progress-bar
	@$(BIN)/python -m orchestration.lib.dbt_runner parse

test: $(STAMP) ## all tests, on an embedded Postgres
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -o console_output_style=count

check: lint test ## the whole gate

bench: $(STAMP) ## measure against baselines; writes docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks

clean: ## remove the environment, keep data
	@rm -rf $(VENV)
