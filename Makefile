# Everything a maintainer does. `make help` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# A vendor's client of an older revision, in an environment of its own.
WITNESSES := $(patsubst tests/witnesses/environments/%.txt,$(VENV)/witnesses/%/.ready,$(wildcard tests/witnesses/environments/*.txt))

# A provider from outside, installed in an environment of its own on top of the first: unijob's own tests do without it.
OPENAI := $(VENV)/openai
EXAMPLE := examples/provider-openai

# The half of the tests that is not about the library itself.
AROUND := codegen docs examples packaging providers specs vendors witnesses

EXAMPLES ?= 10000
SEED     ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
SEED     := $(SEED)
TESTS    ?= tests

.DEFAULT_GOAL := generate
.PHONY: help demo test test-library test-around test-thorough coverage-specs mutants check lint types fresh wheel docs screens generate bench witnesses fmt clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## Run jobs of two vendors to their end, against the built-in sandbox
	@$(BIN)/python examples/demo.py

test: $(VENV)/.dev $(WITNESSES) $(OPENAI)/.ready ## Run the tests, in two halves side by side
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-library test-around

test-library: # adapters/unijob, and the provider from outside
	@$(BIN)/python -m pytest --quiet -p no:cacheprovider $(addprefix --ignore=tests/,$(AROUND))
	@cd $(EXAMPLE) && $(abspath $(OPENAI))/bin/python -m pytest --quiet

test-around: # the generator, the specs, the vendors' own clients, the docs
	@$(BIN)/python -m pytest --quiet -p no:cacheprovider $(addprefix tests/,$(AROUND))

test-thorough: $(VENV)/.dev $(WITNESSES) ## Run every property with EXAMPLES examples (10,000); SEED=… replays a run
	@echo "Replay with: make test-thorough SEED=$(SEED) EXAMPLES=$(EXAMPLES) TESTS='$(TESTS)'"
	@HYPOTHESIS_PROFILE=thorough HYPOTHESIS_EXAMPLES=$(EXAMPLES) \
		$(BIN)/python -m pytest --quiet -m hypothesis --hypothesis-seed=$(SEED) --durations=20 $(TESTS) \
		|| { echo "Replay with: make test-thorough SEED=$(SEED) EXAMPLES=$(EXAMPLES) TESTS='$(TESTS)'"; exit 1; }

coverage-specs: $(VENV)/.dev ## Tell what of each contract the tests exercise, and name the gaps
	@$(BIN)/python -m tests.coverage_of_specs

mutants: $(VENV)/.dev ## Change the domain, the wire and the kinds place by place: does a test tell? (MUTANTS='--sample 10 unijob.job')
	@$(PIP) --group mutation
	@$(BIN)/python -m tests.mutation $(MUTANTS)

check: $(VENV)/.dev lint types fresh wheel docs ## Lint, types, generated code fresh, tables total, wheel contents, site

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev $(OPENAI)/.ready
	@$(BIN)/mypy
	@$(BIN)/pyright --warnings
	@cd $(EXAMPLE) && $(abspath $(OPENAI))/bin/python -m mypy
	@$(BIN)/pyright --warnings --project $(EXAMPLE) --pythonpath $(OPENAI)/bin/python

fresh: $(VENV)/.dev $(OPENAI)/.ready
	@$(BIN)/python -m unijob_codegen check
	@$(OPENAI)/bin/python -m unijob_codegen --root $(EXAMPLE) check

wheel: $(VENV)/.dev
	@$(BIN)/python -m pytest --quiet tests/packaging

docs: $(VENV)/.dev ## Build the site of docs/ into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

screens: $(VENV)/.dev ## Draw the pictures of the pages anew: what commands show in a terminal
	@$(BIN)/python -m docs.tools.screens

generate: $(VENV)/.dev ## Write generated/ from specs/, and docs/states.md from the tables
	@$(BIN)/python -m unijob_codegen generate
	@$(BIN)/python -m unijob_codegen --root $(EXAMPLE) generate
	@$(BIN)/python docs/tools/states.py

witnesses: $(WITNESSES)

bench: $(VENV)/.dev ## Measure imports, decoding, intake, the client and the proxy, beside others (about 10 minutes)
	@$(BIN)/python -m bench

fmt: $(VENV)/.dev ## Format, and mend what lint can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .codegen_cache dist build

$(VENV)/bin/python:
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("unijob needs Python 3.11 or newer, and %s is %s: make PYTHON=python3.11" % (sys.executable, sys.version.split()[0]))'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml codegen/pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what builds and tests unijob (once)"
	@$(PIP) --editable . --editable codegen --group dev
	@touch $@ $(VENV)/.runtime

$(VENV)/witnesses/%/.ready: tests/witnesses/environments/%.txt | $(BIN)/python
	@echo "Setting up the vendor's client of $* (once)"
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --requirement $<
	@touch $@

$(OPENAI)/.ready: $(VENV)/.dev $(EXAMPLE)/pyproject.toml tests/providers/environment.py
	@$(BIN)/python -m tests.providers.environment $(OPENAI) $(EXAMPLE)
	@touch $@
