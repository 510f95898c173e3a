# The verbs of the project. Each makes or reuses .venv in this checkout; nothing needs to be active.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test slow check fix bench nano setup setup-dev

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Modules are compiled when they are first imported: most of what the backends bring never is.
INSTALL := $(BIN)/python -m pip install --quiet --no-compile -c constraints.txt
# Small models on a shared machine are many times faster with one thread.
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## list the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 14

# A stamp is as new as the last set-up of its kind, so only a change of the requirements installs again.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'setting up .venv (a minute or two, once)'
	$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'setting up .venv (a minute or two, once)'
	$(INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/.core

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[bench]'
	@touch $@ $(VENV)/.core

$(VENV)/.train: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[train]'
	@touch $@ $(VENV)/.core

setup: $(VENV)/.core  # what the package needs to run
setup-dev: $(VENV)/.dev  # and what the checks need

demo: setup  ## send real requests through the whole path; results in demo-out/
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh demo-out

check: setup-dev  ## linter and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check  ## linter, types and every test of a few seconds that needs no GPU and no network
	$(BIN)/pytest -q -n 2 --dist loadfile

slow: setup-dev  ## the tests that take minutes each: a whole align, training by two processes
	$(BIN)/pytest -q -m slow

fix: setup-dev  ## repair what the linter can repair, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench  ## cost of a turn beside other agent libraries, and of the grammar per token
	$(BIN)/python benchmarks/agent_overhead.py
	$(BIN)/python benchmarks/grammar_cost.py

nano: $(VENV)/.train  ## rebuild the weights of the nano suite from nothing (hours; resumes after a kill)
	$(BIN)/python -m modaverse_training.nano
