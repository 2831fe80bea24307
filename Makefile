# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test collector lint types flow evaluate lab bench clean

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m compileall -q analyzer
	touch $@

collector: build/collector.pyz
build/collector.pyz: $(wildcard collector/*.py collector/*.json) | $(READY)
	$(BIN)/python -m collector.build $@

demo: $(READY) collector
	rm -rf build/demo && mkdir -p build/demo
	$(BIN)/python build/collector.pyz --root fixtures/demo --output build/demo/bundle.zip --quiet || test $$? -eq 1
	$(BIN)/analyze build/demo/bundle.zip

test: $(READY) collector
	$(BIN)/pytest -n 2

lint: $(READY)
	$(BIN)/ruff check analyzer tests benchmarks
	$(BIN)/vermin --quiet --no-tips --violations --backport argparse -t=2.7- -t=3.4- collector

types: $(READY)
	$(BIN)/mypy

flow: $(READY)
	$(BIN)/pytest tests/test_flow.py

evaluate: $(READY)
	$(BIN)/python -m tests.evaluate

lab: $(READY) collector
	$(BIN)/python -m tests.lab $(LAB)

bench: $(READY)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/windows.py

clean:
	rm -rf build $(VENV)
