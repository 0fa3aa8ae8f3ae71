# make demo   the whole way on bundled articles, ends with load_dataset
# make test   the tests            make lint   style and types
# make check  the corpus's rules   make clean  remove what can be made again
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint check format clean debian torch
.DEFAULT_GOAL := demo
# Where this is set, every command would compile again whatever it imports.
unexport PYTHONDONTWRITEBYTECODE

# Pinned versions with hashes first; pip refuses hashes for an editable, so the package comes
# after, without dependencies and built by what is pinned. The pins are complete: nothing is left
# for pip to resolve, and `pip check` says whether they agree. uv, pinned too, takes a sixth of pip's
# time; what pip alone is told (an index in its own configuration) leaves the work to pip. Nothing
# is compiled beforehand: Python does that for what is imported.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
PINNED := --no-deps --require-hashes -r
$(READY): pyproject.toml .ci/requirements.txt .ci/installer.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "onrecord needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "this Python has no venv; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing pinned packages into $(VENV) (a minute or two the first time)"
	@{ $(PIP) $(PINNED) .ci/installer.txt && $(BIN)/uv pip install --quiet \
	  --python $(BIN)/python $(PINNED) .ci/requirements.txt; } || \
	  { echo "uv cannot; pip does it (a few minutes)"; $(PIP) $(PINNED) .ci/requirements.txt; }
	@$(PIP) --no-build-isolation --no-deps -e .
	@$(BIN)/python -m pip check --quiet
	@touch $@

demo: $(READY)
	@$(BIN)/python -m onrecord.demo

# The tests drive a real browser, and start and stop a PostgreSQL and a Slurm of their own. What is
# missing is installed as root, in one go; otherwise the line to type is said.
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
	  echo "some tests cannot run here. To have them, type:"; \
	  echo "  sudo apt-get install" $$want; \
	fi

# torch is for one test, of the dataset in its hands, and lies apart so that nothing else sees it. It
# is 0.9 GB as a build for processors alone and several with one for graphics cards, so only the
# continuous integration installs it unasked; that test says `make torch` where it is missing.
torch: $(VENV)/torch
$(VENV)/torch: $(READY)
	@echo "installing torch (0.9 GB) into $@"
	@rm -rf $@.new
	@$(PIP) --target $@.new torch==2.13.0
	@rm -rf $@ && mv $@.new $@

# Each worker has a Label Studio of its own and keeps whole files, which it takes in the order that
# tests/conftest.py gives: the longest first. One more than the two cores of a small machine: they
# wait a good deal, for servers and browsers to start and for what was killed to end.
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
