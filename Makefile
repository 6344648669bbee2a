# The commands of a contributor. `make demo` and `make test` need only Python 3.11+ and make: each creates .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check lint language format firmware screenshot generators audit clean

demo: .venv/serve.stamp  ## the service, an emulated glove and a bridge; Ctrl-C stops; make demo PORT=8001
	@$(BIN)/scaleglove demo $(if $(PORT),--port $(PORT))

# In two runs, the second also where the first fails: what imports torch stays out of the other's test processes, which
# would be half as large again with it.
WITH_TORCH := tests/benchmarks tests/firmware tests/models tests/page/test_unknown_hand.py
PYTEST := $(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

test: .venv/dev.stamp generators  ## every test; those whose system packages are missing skip with a reason
	@failed=0; \
	$(PYTEST) $(WITH_TORCH) || failed=$$?; \
	$(PYTEST) $(WITH_TORCH:%=--ignore=%) || failed=$$?; \
	exit $$failed

# Without npm, or without its registry, the tests that need them skip with a reason.
generators: .venv/dev.stamp  ## tools that generate clients from /openapi.json, pinned, and the JavaScript client's peer
	@command -v npm >/dev/null && $(MAKE) --no-print-directory .venv/generators.stamp || true

check: .venv/dev.stamp lint language  ## lint, language, format, types, and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy clients/python
	$(BIN)/lint-imports

lint: .venv/dev.stamp
	$(BIN)/ruff check .

language: .venv/dev.stamp  ## the rules of CONTRIBUTING.md that ruff does not know
	$(BIN)/python -m pytest --quiet tests/test_language.py

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

firmware:  ## the glove's firmware for the STM32F405, for silicon and for QEMU
	$(MAKE) -C firmware_bridge/firmware stm32f405 stm32f405-qemu

screenshot: .venv/dev.stamp  ## the README's pictures of the page, taken from a running demo
	$(BIN)/python -m docs.screenshot docs/images/page.png docs/images/page.webp

# Needs the internet: pip-audit asks PyPI about each package. In an environment of its own, with what it needs itself.
audit: .venv/serve.stamp  ## known vulnerabilities of what is installed in .venv
	@test -x .venv/pip-audit/bin/pip-audit || { $(PYTHON) -m venv .venv/pip-audit && .venv/pip-audit/bin/pip install --quiet pip-audit==2.10.1; }
	.venv/pip-audit/bin/pip-audit --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

clean:
	rm -rf .venv

.DELETE_ON_ERROR:

# On Debian `venv` is a separate package: python3-venv.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "scaleglove needs Python 3.11 or newer")'
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "python cannot make a virtual environment (Debian: apt install python3-venv)" >&2; exit 1; }

# An install compiles C, so a change of its sources needs a new one too.
INSTALLED := pyproject.toml hatch_build.py models/runtime/kernel/build.py $(wildcard scaleglove/native/*.py models/*/*/*.[ch] service/*/*/*.[ch] service/*/*/*/*.[ch])

.venv/serve.stamp: $(INSTALLED) | .venv/bin/python
	@echo "Installing the service and the bridge into .venv, once: some 40 packages, a minute or more"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bridge,serve]'
	@echo "Installed"
	@touch $@

.venv/dev.stamp: $(INSTALLED) | .venv/bin/python
	@echo "Installing everything for development into .venv, once: PyTorch among it, some minutes"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,dev]'
	@touch $@

# A virtual environment of its own: the generator of Python clients needs another Typer than scaleglove.
GENERATED := tests/clients/generated
.venv/generators.stamp: $(GENERATED)/package.json $(GENERATED)/package-lock.json $(GENERATED)/requirements.txt
	@mkdir -p .venv/node && cp $(GENERATED)/package.json $(GENERATED)/package-lock.json .venv/node
	@npm ci --prefix .venv/node --no-audit --no-fund --ignore-scripts --loglevel error
	@$(PYTHON) -m venv .venv/openapi-python-client
	@.venv/openapi-python-client/bin/pip install --quiet --requirement $(GENERATED)/requirements.txt
	@touch $@
