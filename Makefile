# A thin front: each line calls the project's own commands; nothing lives only here.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8000

.PHONY: demo test bench check lint clean venv-of-debian

demo: $(VENV)/installed            ## the believable network, on embedded parts
	$(BIN)/eventhub up --demo --port $(PORT)

test: $(VENV)/installed-test       ## every test, on SQLite and on PostgreSQL, in a real browser
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.run

bench: $(VENV)/installed-test      ## our speed beside the raw limit; DB=sqlite for the other database
	$(BIN)/python -m tests.bench

check: lint                        ## lint, format, types, import order, house tests
	$(BIN)/python -m pytest -q tests/house

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/installed: pyproject.toml eventhub/frontend/package.json
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || $(MAKE) --no-print-directory venv-of-debian
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	$(BIN)/python -m tests.machine
	touch $@

venv-of-debian:                    # Debian's Python comes without the part that makes environments
	apt-get update -q && apt-get install -y -q --no-install-recommends python3-venv

clean:
	rm -rf $(VENV) build dist
