# `make build` needs python3.11, make and git; it sets up .venv without torch. `make test` adds torch and the references.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
CODE   := generator tests

# Two workers and eight torch threads each would fight for the same cores; nothing here may reach the network.
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE := 1

.DEFAULT_GOAL := build
.PHONY: build check clean drift format help lint serve test types

build: $(VENV)/site.stamp  ## compile knowledge/ into generated/ and the site
	@$(BIN)/chiasm build

serve: $(VENV)/site.stamp  ## build, watch, and show the site on this machine
	@$(BIN)/chiasm serve

test: $(VENV)/test.stamp  ## every test; parity needs torch and transformers, both pinned in constraints.txt
	$(BIN)/pytest -n auto -m "not slow"

lint: $(VENV)/test.stamp  ## ruff: rules and format
	$(BIN)/ruff check $(CODE) generated
	$(BIN)/ruff format --check $(CODE) generated

types: $(VENV)/test.stamp  ## mypy --strict: compiler, components, generated packages
	$(BIN)/mypy -p chiasm
	@for package in generated/*/; do \
	  test -f "$$package/__init__.py" || continue; \
	  echo "$(BIN)/mypy -p generated.$$(basename "$$package")"; \
	  MYPYPATH=. $(BIN)/mypy -p "generated.$$(basename "$$package")" || exit 1; \
	done

drift: $(VENV)/site.stamp  ## generated/ is what knowledge/ says
	$(BIN)/chiasm build --check

check: drift lint types test  ## everything that continuous integration runs

format: $(VENV)/test.stamp  ## what ruff can repair
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

clean:  ## forget caches and the built site; keeps .venv
	rm -rf .chiasm .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Set-up is remembered by stamps: it runs again only when what is to be installed has changed.
$(VENV)/site.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "setting up $(VENV) (the compiler and the site; no torch)"
	@$(PIP) -e '.[site]'
	@touch $@

$(VENV)/test.stamp: $(VENV)/site.stamp
	@echo "setting up $(VENV) (torch, transformers and the test tools)"
	@$(PIP) -e '.[site,run,test]'
	@touch $@
