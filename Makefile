# Everything the project can do, each target setting up what it needs.
# Pass through to the report: make reports DATA=path NAME=name PROFILE=demo|smoke|full

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup reports workshop upload wheels test coverage test-fast lab lint clean

PYTHON ?= python3
COMMA := ,
VENV := .venv
BIN := $(VENV)/bin
# One file per set of extras that is installed: all of them, or only those that the reports need.
READY := $(VENV)/.ready
# Faces are compared in your own data only: the built-in people are named.
REPORT_EXTRAS := reports$(if $(DATA),$(COMMA)people)
REPORT_READY := $(if $(wildcard $(READY)),$(READY),$(VENV)/.ready-$(subst $(COMMA),-,$(REPORT_EXTRAS)))
# As many test processes at a time; each may load TensorFlow and take 1.5 GB.
TEST_PROCESSES ?= 2

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make reports takes DATA=folder-or-CSV, NAME=report-name and PROFILE=demo|smoke|full"

setup: $(READY) ## Make a virtual environment in .venv and install everything into it

# $(1): extras of pyproject.toml. uv is used if it is there: it installs in a quarter of the time.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "dfutils needs Python 3.11 or newer, and $(PYTHON) is older. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Installing dfutils[$(1)] into $(VENV): about a minute, and longer if 1 GB has to be downloaded first."
	@$(if $(filter reports,$(MAKECMDGOALS)),echo "Then the notebooks run: about ten minutes for the built-in data set on two cores.",:)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv > /dev/null && uv pip install --quiet --compile-bytecode --python $(BIN)/python \
			--constraint constraints.txt --editable '.[$(1)]'; then :; else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
			--constraint constraints.txt --editable '.[$(1)]' && \
		{ $(BIN)/python -m compileall -q -j 0 -x '/(tests?|testing)/' $(VENV)/lib > /dev/null 2>&1 || true; }; fi
	@touch $@
endef

$(READY): pyproject.toml constraints.txt
	$(call install,test)

$(VENV)/.ready-%: pyproject.toml constraints.txt
	$(call install,$(subst -,$(COMMA),$*))

reports: $(REPORT_READY) ## Run the notebooks and write reports/NAME/index.html
	$(BIN)/dfutils report $(if $(DATA),--data "$(DATA)") $(if $(NAME),--name "$(NAME)") $(if $(PROFILE),--profile "$(PROFILE)")

workshop: $(REPORT_READY) ## Write notebooks for students, solutions and slides to dist/workshop
	$(BIN)/dfutils workshop

upload: $(READY) ## Write notebooks that run alone on Colab or Kaggle to dist/upload
	$(BIN)/dfutils upload

wheels: $(READY) ## The same, and the packages for Kaggle without internet in dist/dfutils-wheels
	$(BIN)/dfutils upload --wheels dist/dfutils-wheels $(if $(PYTHON_VERSION),--python "$(PYTHON_VERSION)")

TEST := $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder
test: $(READY) ## Run every test
	$(TEST)

# Slow before Python 3.12, whose new monitoring makes measuring almost free.
coverage: $(READY) ## Run every test, and check which share of the lines they run
	COVERAGE_CORE=sysmon $(TEST) --cov=dfutils --cov-report= --cov-fail-under=93

test-fast: $(READY) ## Run the quick tests, without TensorFlow and rendering
	$(BIN)/python -m pytest -m "not slow" -n $(TEST_PROCESSES)

lab: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks

lint: $(READY) ## Check form: ruff, mypy, codespell, one-way imports, notebooks without outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify notebooks/*.ipynb

clean: ## Remove the environment, the reports and what runs have made (never your own videos)
	rm -rf $(VENV) dfutils.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache .coverage
	rm -rf data/demo data/benchmarks
	find data -mindepth 2 -maxdepth 2 -name workspace.json | while read -r note; do rm -rf "$$(dirname "$$note")"; done
	find reports -mindepth 2 -maxdepth 2 -name results.json | while read -r note; do rm -rf "$$(dirname "$$note")"; done
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
