# `make` alone tells what there is. Every target sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
PYTHON_CODE := cartridges chassis services sharing teahouse tools tests benchmarks deploy
READY := .venv/ready
# Most tests wait for processes rather than compute, so one more than there are processors.
TESTERS ?= $(shell expr $$(nproc) + 1)
TOGETHER := --numprocesses $(TESTERS)
PINNED := --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet

.PHONY: help setup demo up test again test-kafka nightly check fmt lint types arch contracts bench clean pins

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## Make .venv with the pinned packages

$(READY): constraints.txt pyproject.toml tools/setup.sh
	@tools/setup.sh

demo: $(READY)  ## Start everything, do the main job on real input, report, stop
	$(BIN)/teahouse demo

up: $(READY)  ## Start MongoDB, the broker and all services; Ctrl-C stops them
	$(BIN)/teahouse up

test: $(READY)  ## Run the tests (real MongoDB and broker, fault times scaled down)
	$(BIN)/pytest $(TOGETHER) $(ARGS)

again: $(READY)  ## Ask the few tests that failed last once more, one at a time
	$(BIN)/python -m tools.again

test-kafka: $(READY)  ## Run the integration and fault tests against Apache Kafka (Java, Maven)
	$(BIN)/pytest $(TOGETHER) --broker kafka tests/integration tests/fault $(ARGS)

nightly: check  ## Run everything at full length, on both brokers, with many seeds
	$(BIN)/pytest $(TOGETHER) --full $(ARGS)
	$(BIN)/pytest $(TOGETHER) --full --broker kafka tests/integration tests/fault $(ARGS)
	$(MAKE) bench

check: lint types arch  ## Check format, lint, types, architecture, contracts, compose file
	$(BIN)/python -m tools.house
	$(BIN)/python -m tools.contracts --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@tools/compose-config.sh

fmt: $(READY)  ## Format the code and mend what the linter can
	$(BIN)/ruff format $(PYTHON_CODE)
	$(BIN)/ruff check --fix $(PYTHON_CODE)

lint: $(READY)  ## Check format and lint
	$(BIN)/ruff format --check $(PYTHON_CODE)
	$(BIN)/ruff check $(PYTHON_CODE)

types: $(READY)  ## Check types (mypy --strict)
	$(BIN)/mypy

arch: $(READY)  ## Check that imports point where the architecture says
	$(BIN)/lint-imports

contracts: $(READY)  ## Write contracts/ anew from the code
	$(BIN)/python -m tools.contracts

bench: $(READY)  ## Measure the headline figures, each beside its baseline
	@for file in $$(grep -l __main__ benchmarks/*.py); do echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)"; done

pins:  ## Resolve constraints.txt and deploy/runtime.txt anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
		$(PINNED) --output-file constraints.txt
	$(BIN)/uv pip compile pyproject.toml --extra tracing --universal --python-version 3.11 \
		--constraint constraints.txt $(PINNED) --output-file deploy/runtime.txt

clean:  ## Remove .venv, var and every cache
	rm -rf .venv var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
