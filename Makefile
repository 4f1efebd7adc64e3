# What a person runs. Needs Python 3.11 or newer and make, nothing else; `make` alone lists the targets.
PYTHON ?= python3
LOCAL := $(PYTHON) -m deploy.local
RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest

.DEFAULT_GOAL := help
.PHONY: help up down status logs reset env contracts check check-python check-web test integration e2e screenshots bench lock

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

up: ## start everything, with demo data, and print the addresses
	@$(LOCAL) up

down: ## stop everything; data stays
	@$(LOCAL) down

status: ## what runs, where, and whether it is ready
	@$(LOCAL) status

logs: ## follow all logs, or one: make logs S=tickets
	@$(LOCAL) logs $(S)

reset: ## stop and delete this folder's data; fetched packages stay
	@$(LOCAL) reset

env: ## the Python environment only (.venv)
	@$(LOCAL) env

contracts: env ## write docs/asyncapi.json and docs/openapi/ anew, after a change of an event or a route
	$(RUN) scripts.contracts

check: check-python check-web ## style, types, unit and contract tests; needs no servers

check-python: env
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTEST) tests/unit tests/contracts

check-web: env
	@if [ -f web/package.json ]; then $(LOCAL) npm run check; fi

test: check integration e2e ## all checks and tests, on real servers and in a real browser

integration: env ## tests on real Kafka, MongoDB and Redis
	$(PYTEST) tests/integration

e2e: env ## tests of the whole desk in a browser
	@if ls tests/e2e/test_*.py >/dev/null 2>&1; then $(PYTEST) tests/e2e; fi

screenshots: env ## render the main screens of the running desk into docs/screens/
	$(RUN) scripts.screenshots

bench: env ## measure throughput and latency against bare references
	$(RUN) tests.bench

lock: env ## write requirements/ anew from pyproject.toml
	.local/tools/bin/uv pip compile --system-certs --universal --generate-hashes --no-header \
	  --python-version 3.11 --quiet --output-file requirements/runtime.txt pyproject.toml
	.local/tools/bin/uv pip compile --system-certs --universal --generate-hashes --no-header \
	  --python-version 3.11 --quiet --group dev --output-file requirements/dev.txt pyproject.toml
