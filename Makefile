# `make build` needs python3.11, make and git; it sets up .venv without torch. `make test` adds torch and the references.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
CODE   := generator tests benchmarks

# Two workers and eight torch threads each would fight for the same cores; nothing here may reach the network.
export OMP_NUM_THREADS ?= 1
export HF_HUB_OFFLINE := 1

ifdef QUICK
ARGS += --quick
endif

.DEFAULT_GOAL := build
.PHONY: bench bench-compiler bench-gpu bench-quick build check clean drift format help lint serve test types

build: $(VENV)/site.stamp  ## compile knowledge/ into generated/ and the site
	@$(BIN)/chiasm build

serve: $(VENV)/site.stamp  ## build, watch, and show the site on this machine
	@$(BIN)/chiasm serve

test: $(VENV)/test.stamp  ## every test; parity needs torch and transformers, both pinned in constraints.txt
	$(BIN)/pytest -n auto -m "not slow"

bench: $(VENV)/test.stamp  ## generated packages against transformers, under an hour; QUICK=1: minutes; ARGS='--only decode'
	$(BIN)/python -m benchmarks $(ARGS)

bench-quick: $(VENV)/test.stamp  ## the same, few workloads and rounds
	$(BIN)/python -m benchmarks --quick $(ARGS)

bench-gpu: $(VENV)/test.stamp  ## on a CUDA device, under ten minutes; ARGS='--quick', ARGS='--only decode', ARGS=--dry on the host
	$(BIN)/python -m benchmarks.gpu $(ARGS)

bench-compiler: $(VENV)/test.stamp  ## the compiler on synthetic bases, beside documentation builders; ARGS='--quick'
	$(BIN)/python -m benchmarks.compiler $(if $(findstring --quick,$(ARGS)),,--peers) $(ARGS)

.PHONY: mutate-docs
mutate-docs: $(VENV)/site.stamp  ## plants errors in the documents and counts what is found; ARGS='--seed 2 --count 60 --kind digit'
	$(BIN)/python -m benchmarks.documents $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/site.stamp  ## hostile texts, mutated pages and folders of thousands of files through `check`; ARGS='--quick'
	$(BIN)/python -m benchmarks.strangers $(ARGS)

.PHONY: evidence
evidence: $(VENV)/test.stamp  ## write down anew what the reference library's classes say (knowledge/evidence/classes)
	$(BIN)/python -m tests.witness

lint: $(VENV)/test.stamp  ## ruff: rules and format
	$(BIN)/ruff check $(CODE) generated
	$(BIN)/ruff format --check $(CODE) generated

types: $(VENV)/test.stamp  ## mypy --strict: compiler, components, benchmarks, generated packages
	$(BIN)/mypy -p chiasm
	MYPYPATH=. $(BIN)/mypy -p benchmarks
	@for package in generated/*/; do \
	  test -f "$$package/__init__.py" || continue; \
	  echo "$(BIN)/mypy -p generated.$$(basename "$$package")"; \
	  MYPYPATH=. $(BIN)/mypy -p "generated.$$(basename "$$package")" || exit 1; \
	done

drift: $(VENV)/site.stamp  ## generated/ is what knowledge/ says, and as much is proved as chiasm.toml asks for
	$(BIN)/chiasm build --check
	$(BIN)/chiasm check

check: drift lint types test  ## everything that continuous integration runs

format: $(VENV)/test.stamp  ## what ruff can repair
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

clean:  ## forget caches and the built site; keeps .venv
	rm -rf .chiasm .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 12

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
