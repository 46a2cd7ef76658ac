# Everything from a fresh clone: `make console` opens the console in a browser, `make run` trains, evaluates and films a
# car in the terminal, `make test` checks the code.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MODEL ?= first-car

.PHONY: console run test lint bench browser postgresql interop install clean

console: $(VENV)/.installed
	$(BIN)/openracer console

run: $(VENV)/.installed
	$(BIN)/openracer train --name $(MODEL) --until clean-laps --minutes 5 --replace
	$(BIN)/openracer evaluate $(MODEL) --trials 3 --video $(MODEL).mp4

test: lint browser postgresql
	$(BIN)/python -m pytest

# The browser tests need Chromium and a Korean font; without them they are skipped and say so.
browser: $(VENV)/.installed-dev
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then true; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk; \
	else $(BIN)/playwright install chromium; fi || echo 'No Chromium could be installed; the browser tests will be skipped.'

# Tests with PostgreSQL start a server of their own; without it they are skipped and say so.
postgresql:
	@if command -v postgres || ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null; then true; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -q && apt-get install -q -y --no-install-recommends postgresql; \
	else false; fi || echo 'PostgreSQL is not installed; its tests will be skipped.'

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.simulation
	$(BIN)/python -m benchmarks.learning

# Whether TensorFlow, OpenVINO, ONNX Runtime and LiteRT open what we write, and we what TensorFlow writes: a gigabyte of
# programs in an environment of its own. Real frames lie in the folder that OPENRACER_TEST_DATA names.
interop: $(VENV)/.installed-dev .venv-interop/.installed
	rm -rf build/interop
	$(BIN)/python -m tools.interop.write build/interop
	.venv-interop/bin/python tools/interop/check.py build/interop
	$(BIN)/python -m tools.interop.read build/interop
	rm -rf build/interop

.venv-interop/.installed:
	$(PYTHON) -m venv .venv-interop
	.venv-interop/bin/python -m pip install --quiet tensorflow-cpu openvino onnxruntime ai-edge-litert numpy
	touch $@

install: $(VENV)/.installed

# pip installs the exact PyTorch of constraints.txt, so that every clone is alike.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "OpenRacer needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo 'Installing OpenRacer into $(VENV). PyTorch is a large download: the first time this takes some minutes.'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
