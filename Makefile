# Everything a contributor types. Each target makes .venv when it is missing.
PYTHON ?= python3
# Name PyTorch's CPU index here to avoid gigabytes of CUDA on Linux:
#   make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
TORCH = torch==2.13.0
PACKAGES = seqpro motifdata seqdata seqdatasets seqexplainer eugene
BIN = .venv/bin
PYTEST_FLAGS ?=
# real data, where it lies beside the checkout
ifneq ($(wildcard ../shared/data),)
export SEQDATASETS_MIRROR ?= $(abspath ../shared/data)
endif

.PHONY: demo test test-slow lint types tutorials docs bench clean

demo: .venv/ready ## train on simulated and real promoters, write demo/report.html
	rm -rf demo
	$(BIN)/eugene demo --out demo

test: .venv/ready ## everything that takes seconds
	$(BIN)/python -m pytest -m "not slow" $(PYTEST_FLAGS)

test-slow: .venv/ready ## what takes minutes: fresh installations, the whole demo
	$(BIN)/python -m pytest -m slow $(PYTEST_FLAGS)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

tutorials: .venv/ready ## execute the notebooks and keep what they show
	$(BIN)/python tutorials/execute.py

docs: .venv/ready ## API pages from the docstrings, and the tutorials, in docs/_build
	$(BIN)/python docs/build.py $(PACKAGES)

bench: .venv/ready .venv-peers/ready ## speed against peers, table in benchmarks/results
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/growth.py

clean:
	rm -rf .venv .venv-peers docs/_build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# torch first and by exact version: whatever asks for a plain torch later is content with it
.venv/ready: constraints.txt requirements-dev.txt pyproject.toml $(PACKAGES:%=%/pyproject.toml)
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed') if sys.version_info < (3, 11) else None"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(TORCH) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install --quiet -c constraints.txt -r requirements-dev.txt
	touch $@

.venv-peers/ready: benchmarks/peers/requirements.txt
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet $(TORCH) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	.venv-peers/bin/python -m pip install --quiet -r benchmarks/peers/requirements.txt
	touch $@
