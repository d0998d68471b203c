# make demo   scores the bundled example contacts and writes scorecards and a page
# make test   lint, types and tests
# make slow   simulations and the notebooks, which CI runs too
# make bench  throughput beside other libraries, in a venv of its own: BENCH='--contacts FILE --rounds 5'

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test slow bench clean

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@

demo: $(VENV)/.ready
	$(BIN)/servicequal demo --out demo

test: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile -m 'not slow'

slow: $(VENV)/.ready
	$(BIN)/python -m pytest -n auto -m slow

.venv-bench/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-bench/bin/python -m pip install --quiet --constraint constraints.txt torch
	.venv-bench/bin/python -m pip install --quiet --constraint constraints.txt --editable . --group bench
	touch $@

bench: .venv-bench/.ready
	.venv-bench/bin/python benchmarks/throughput/bench.py $(BENCH)

clean:
	rm -rf $(VENV) .venv-bench demo dist .pytest_cache .mypy_cache .ruff_cache
