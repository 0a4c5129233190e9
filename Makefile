# The two commands are `make demo` and `make test`. Everything happens in .venv, made from the committed lock file.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo demo-clean test slow fuzz check benchmark fix lock install

demo: $(READY)
	@$(BIN)/modelyard demo

demo-clean:
	@if [ -x $(BIN)/modelyard ]; then $(BIN)/modelyard demo --clean; fi
	@rm -rf .venv

test: $(READY)
	@$(BIN)/poe --quiet test

slow: $(READY)
	@$(BIN)/poe --quiet slow

fuzz: $(READY)
	@$(BIN)/poe --quiet fuzz

check: $(READY)
	@$(BIN)/poe --quiet check

benchmark: $(READY)
	@$(BIN)/poe --quiet benchmark

fix: $(READY)
	@$(BIN)/poe --quiet fix

lock: $(READY)
	@$(BIN)/poe --quiet lock

install: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "error: modelyard needs Python 3.11 to 3.13 (this is $$($(PYTHON) --version)); type: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "making .venv from requirements.lock"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)
