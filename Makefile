# Lectern: `make demo`, `make test`, `make check`. Each sets up what it needs; Python 3.11+, git and make are enough.

PYTHON ?= python3
BIN := .venv/bin
# Marks that must really run, not be left out: `make test REQUIRE=browser` fails where no Chromium is found.
REQUIRE ?=

.PHONY: help demo test check bench site clean
.DEFAULT_GOAL := help

help: ## What can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lectern needs Python 3.11 or newer: make PYTHON=python3.11 demo")'
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/.runtime

site: .venv/.runtime ## The student site's scripts and styles
	$(BIN)/python -m pipeline.site.build

demo: .venv/.runtime site ## From a bare checkout to a running school; ONCE=1 ends without serving
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py createcachetable
	$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	$(BIN)/python manage.py demo
	$(if $(ONCE),,$(BIN)/python manage.py serve)

test: .venv/.dev site ## Every test that needs no system service; browser tests where Chromium is found
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(addprefix --require ,$(REQUIRE))

check: .venv/.dev site ## Lint, types, walls, schema and migration drift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy settings cms api pipeline content manage.py
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py schema --check
	DJANGO_SETTINGS_MODULE=settings.api $(BIN)/python manage.py openapi --check
	$(BIN)/python -m pipeline.site.build --check

bench: .venv/.dev site ## Benchmarks beside their yardsticks, to var/bench.json; SIZE=full for 10,000 lessons
	$(BIN)/python -m tests.bench $(SIZE)

clean: ## Remove everything that was made
	rm -rf .venv var pipeline/site/dist pipeline/site/node_modules
