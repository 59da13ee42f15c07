# Khalsi: `make` alone explains the targets. Needs Python 3.11+ and make; everything else lands in .venv.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports format migrations bench fuzz requirements vendor clean

help: ## Explain the targets
	@echo "Khalsi: forecasts of the Solana market, and how far to trust them."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo
	@echo "  make run PORT=8123 DATA=/tmp/k1        another port, another folder for the embedded databases"
	@echo "  make run SOURCE=sandbox                the simulated market (marked as such everywhere)"
	@echo "  make run REPLAY=DIR SPEED=60           replay recorded candles, an hour a minute; REPLAY_START=2025-03-20"

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Khalsi needs Python 3.11 or newer; name one with make PYTHON=python3.12 …"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv
	@touch $@

# uv installs in a fifth of the time; pip is the fallback where it cannot be had. Both check every hash.
define install
	@echo "Installing $(1) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv 2>/dev/null || true
	@if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $(1); \
		else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); fi
endef

.venv/run: requirements/run.txt | .venv/python
	$(call install,requirements/run.txt)
	@touch $@

.venv/dev: requirements/dev.txt | .venv/python
	$(call install,requirements/dev.txt)
	@touch $@ .venv/run

run: .venv/run ## Start Khalsi on http://127.0.0.1:8000 (web, live feed, scheduler and worker in one process)
	@exec $(BIN)/python manage.py serve

test: .venv/dev ## Run the tests (embedded; on PostgreSQL and Redis with DATABASE_URL and REDIS_URL)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(ARGS)

check: lint imports types migrations test ## Everything that must pass before anybody else looks

lint: .venv/dev ## Format and lint
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && echo "ruff: clean"
	@$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html') && echo "templates: clean"
	@$(BIN)/yamllint -s docker-compose.yml .yamllint && echo "yaml: clean"

imports: .venv/dev ## Imports point one way
	@$(BIN)/lint-imports

types: .venv/dev ## Strict types
	@$(BIN)/mypy --no-incremental

migrations: .venv/dev ## No table without its migration
	@SOURCE=sandbox $(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/dev ## Format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix . ; $(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: .venv/dev ## List the benchmarks; each is a command that prints a table
	@grep -hm1 -H '"""' benchmarks/*.py | sed 's/:"""/  /; s/"""$$//'

fuzz: .venv/dev ## Schemathesis, then 30,000 requests to a real server (embedded; distributed with DATABASE_URL)
	@KHALSI_FUZZ=200 $(BIN)/python -m pytest -q -n $(WORKERS) tests/contract/test_schemathesis.py
	@$(BIN)/python -m benchmarks.reliability.bad_input $(if $(DATABASE_URL),,--embedded) $(ARGS)

requirements: .venv/dev ## Pin the dependencies of pyproject.toml anew
	@for list in run dev; do \
		$(BIN)/uv pip compile pyproject.toml -q --upgrade --generate-hashes --no-emit-index-url --no-header --universal \
		--python-version 3.11 $$([ $$list = dev ] && echo --group dev) -o requirements/$$list.txt; done

.PHONY: audit
audit: .venv/dev ## Check the pinned dependencies against known vulnerabilities (asks PyPI's advisories)
	@$(BIN)/python tools/audit.py

vendor: .venv/dev ## Check the vendored browser files against their checksums
	@$(BIN)/python tools/vendor.py

clean: ## Remove what can be made again (keeps your data in var/)
	@rm -rf .venv .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: lstm
lstm: .venv/run ## Add the library of the optional recurrent engine (PyTorch, about 1 GB; its version is in pyproject.toml)
	@$(BIN)/python -m pip install -q --disable-pip-version-check $$($(BIN)/python tools/extra.py lstm)

.PHONY: staff
staff: .venv/run ## Create a user for the staff site (with the DATA folder that you run with)
	@$(BIN)/python manage.py createsuperuser
