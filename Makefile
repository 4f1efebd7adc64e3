# What a person runs. Needs Python 3.11 or newer and make, nothing else; `make` alone lists the targets.
PYTHON ?= python3
LOCAL := $(PYTHON) -m deploy.local
RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest
# Compiled once and not at every start, whatever the shell asks for: a service imports in less than half the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help export import up backup restore down status logs reset env contracts check check-python check-web test integration e2e chaos chaos-short screenshots bench audit lock

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

up: ## start everything, with demo data, and print the addresses
	@$(LOCAL) up

backup: env ## write a back-up of the desk that runs: make backup TO=folder
	@$(RUN) deploy.backup dump $(TO)

restore: ## start the desk of this folder on a back-up's data: make restore FROM=folder (REPLACE=1: drop what is there)
	@$(LOCAL) restore $(FROM) $(if $(REPLACE),--replace)

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

export: env ## write the configuration that is in force into files: make export TO=folder URL=
	@$(RUN) scripts.config export $(TO) $(if $(URL),--url $(URL))

import: env ## show what files would change, ask, and save it as drafts: make import FROM=folder URL= (PUBLISH=1: in force at once)
	@$(RUN) scripts.config import $(FROM) $(if $(URL),--url $(URL)) $(if $(PUBLISH),--publish)

contracts: env ## write docs/asyncapi.json, docs/openapi/, docs/metrics.md and the dashboards anew
	$(RUN) scripts.contracts
	$(RUN) scripts.dashboards

check: check-python check-web ## style, types, unit and contract tests; needs no servers

check-python: env
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTEST) tests/unit tests/contracts

check-web: env
	@if [ -f web/package.json ]; then $(LOCAL) npm run check; fi

test: check integration e2e chaos-short ## all checks and tests, on real servers and in a real browser

integration: env ## tests on real Kafka, MongoDB and Redis
	$(PYTEST) tests/integration

e2e: env ## the whole desk, in a browser and under attack
	$(PYTEST) tests/e2e tests/attacks

screenshots: env ## render the main screens of the running desk into docs/screens/
	$(RUN) scripts.screenshots

chaos: env ## the gate: nothing lost, nothing twice, whatever breaks: make chaos SEED= INPUTS=100000 MINUTES=25
	$(RUN) tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(INPUTS),--inputs $(INPUTS)) $(if $(MINUTES),--minutes $(MINUTES))

chaos-short: env ## the gate in three minutes, a desk that is lost and restored, and whether the checker sees loss and repetition
	$(PYTEST) tests/chaos

bench: env ## measure throughput and latency against bare references
	$(RUN) tests.bench

audit: env ## security rules, secrets in files, published holes in the packages (the last needs the network)
	$(RUN) scripts.audit

lock: env ## write requirements/ anew from pyproject.toml
	.local/tools/bin/uv pip compile --system-certs --universal --generate-hashes --no-header \
	  --python-version 3.11 --quiet --output-file requirements/runtime.txt pyproject.toml
	.local/tools/bin/uv pip compile --system-certs --universal --generate-hashes --no-header \
	  --python-version 3.11 --quiet --group dev --output-file requirements/dev.txt pyproject.toml
	.local/tools/bin/uv pip compile --system-certs --universal --generate-hashes --no-header \
	  --python-version 3.11 --quiet --group pyproject.toml:audit --output-file requirements/audit.txt
