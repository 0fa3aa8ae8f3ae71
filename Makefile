# make demo   the whole pipeline on bundled articles, up to load_dataset
# make test   the tests             make lint   style and types
# make check  validate the corpus   make clean  remove what can be rebuilt
# The pinned packages have wheels for these; on a newer Python numpy would have to be compiled.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
  "$$each" -c '$(FITS)' 2>/dev/null && { echo "$$each"; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint check format clean debian torch
.DEFAULT_GOAL := demo
# With this set, every command would compile its imports again.
unexport PYTHONDONTWRITEBYTECODE

# Pinned versions with hashes first. pip refuses hashes for an editable package, so ours comes
# afterwards, without dependencies and built with pinned tools. The pins are complete: nothing is left
# to resolve, and `pip check` verifies that they are consistent. uv, pinned too, takes a sixth of pip's
# time; if pip is configured in a way that uv does not see (an index of its own), pip is used. Nothing
# is precompiled: Python compiles what is imported.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
PINNED := --no-deps --require-hashes -r
$(READY): pyproject.toml .ci/requirements.txt .ci/installer.txt
	@[ -n "$(PYTHON)" ] && "$(PYTHON)" -c '$(FITS)' 2>/dev/null || \
	  { echo "the pinned packages need Python 3.11, 3.12 or 3.13 (found: $$($(or $(PYTHON),python3) \
	  --version 2>&1)). Name one: make PYTHON=/path/to/python3.13"; \
	  echo "To get one: your system's packages, or uv: uv python install 3.13 &&" \
	  "make PYTHON=\"\$$(uv python find 3.13)\""; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || \
	  { echo "this Python has no venv; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing pinned packages into $(VENV) (a minute or two the first time)"
	@{ $(PIP) $(PINNED) .ci/installer.txt && $(BIN)/uv pip install --quiet \
	  --python $(BIN)/python $(PINNED) .ci/requirements.txt; } || \
	  { echo "uv failed; using pip (a few minutes)"; $(PIP) $(PINNED) .ci/requirements.txt; }
	@$(PIP) --no-build-isolation --no-deps -e .
	@$(BIN)/python -m pip check --quiet
	@touch $@

demo: $(READY)
	@$(BIN)/python -m onrecord.demo

# The tests drive a real browser, and start and stop their own PostgreSQL and Slurm. Missing packages
# are installed if run as root; otherwise the command is printed.
debian:
	@want=; \
	command -v chromium >/dev/null || want="chromium fonts-dejavu-core fonts-noto-color-emoji"; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	  want="$$want postgresql"; \
	command -v slurmctld >/dev/null || [ -x /usr/sbin/slurmctld ] || want="$$want slurm-wlm munge"; \
	if [ -z "$$want" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing" $$want; apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$want >/dev/null; \
	else \
	  echo "some tests need packages that are missing here. To install them:"; \
	  echo "  sudo apt-get install" $$want; \
	fi

# torch is needed by one test, which loads the dataset with it, and is installed separately so that
# nothing else sees it. The CPU build takes 0.9 GB, and one for GPUs several, so only CI installs it
# by default; the test says `make torch` if it is missing.
torch: $(VENV)/torch
$(VENV)/torch: $(READY)
	@echo "installing torch (0.9 GB) into $@"
	@rm -rf $@.new
	@$(PIP) --target $@.new torch==2.13.0
	@rm -rf $@ && mv $@.new $@

# Each worker has its own Label Studio and takes whole test files, in the order of tests/conftest.py:
# the longest first. One worker more than a small machine has cores, since they often wait: for
# servers and browsers to start, and for killed processes to end.
WORKERS ?= 3
test: $(READY) debian $(if $(CI),torch)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/basedpyright

check: $(READY)
	@$(BIN)/onrecord check

format: $(READY)
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache
