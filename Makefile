# The commands of this project. Every target works on a fresh clone with Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
COURSE ?= .
ASSIGNMENT ?=
SUBMISSIONS ?=
MODULE ?=

# TERM is also what the shell calls its terminal: only what was typed after `make` is a term.
ifeq ($(origin TERM),command line)
COURSE_TERM := $(TERM)
else
COURSE_TERM := demo
endif

# One thread per pool: results do not depend on the number of cores, and two pools never fight.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/core: requirements/core.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements/core.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/core requirements/dev.lock
	$(BIN)/python -m pip install --quiet --requirement requirements/dev.lock
	@touch $@

.PHONY: setup
setup: $(VENV)/core ## install what grading needs into .venv (no torch)

.PHONY: setup-dev
setup-dev: $(VENV)/dev ## install what tests, lint and docs need on top

.PHONY: assignments
assignments: $(VENV)/core ## build the handouts of a term: make assignments TERM=2027-spring
	$(BIN)/autograder --course $(COURSE) build $(ASSIGNMENT) --term $(COURSE_TERM)

.PHONY: grade
grade: $(VENV)/core ## grade: SUBMISSIONS=folder ASSIGNMENT=a02_neighbors TERM=...; without: the demo
ifeq ($(SUBMISSIONS),)
	$(BIN)/autograder --course $(COURSE) demo --jobs $(JOBS)
else ifeq ($(and $(ASSIGNMENT),$(findstring command line,$(origin TERM))),)
	@echo "make grade SUBMISSIONS=$(SUBMISSIONS) needs to know what they are for: add ASSIGNMENT=... and TERM=..." >&2
	@echo "assignments: $(notdir $(patsubst %/,%,$(dir $(wildcard $(COURSE)/assignments/*/assignment.toml))))" >&2
	@echo "terms: $(basename $(notdir $(wildcard $(COURSE)/assignments/terms/*.toml)))" >&2
	@exit 2
else
	$(BIN)/autograder --course $(COURSE) grade $(SUBMISSIONS) --assignment $(ASSIGNMENT) --term $(COURSE_TERM) --jobs $(JOBS)
endif

.PHONY: test
test: $(VENV)/dev ## run every test
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests assignments

.PHONY: test-user
test-user: $(VENV)/dev ## run the tests that touch the jail as an ordinary user (start this as root)
	tests/as_user.sh $(BIN)/python -m pytest -q -p no:cacheprovider tests/autograder

.PHONY: fuzz
fuzz: $(VENV)/dev ## 22,000 made-up messages, notebooks and archives: FUZZ="--seed 7 --messages 500"
	$(BIN)/python tests/fuzz $(FUZZ)

.PHONY: test-attacks
test-attacks: $(VENV)/dev ## hostile submissions on every isolation tier, as this user and, started as root, as an ordinary one
	GRADECHECK_ATTACKS=all $(BIN)/python -m pytest -q -rxs -p no:cacheprovider tests/attacks
	[ "$$(id -u)" -ne 0 ] || GRADECHECK_ATTACKS=all tests/as_user.sh $(BIN)/python -m pytest -q -rxs -p no:cacheprovider tests/attacks

.PHONY: test-faults
test-faults: $(VENV)/dev ## kill the grader and its processes at 200 random times and compare
	$(BIN)/python tests/faults/random_kills.py 200

.PHONY: soak
soak: $(VENV)/dev ## grade 2,000 submissions, hostile ones among them; memory and open files stay flat
	$(BIN)/python -m benchmarks.soak

.PHONY: certify
certify: $(VENV)/core ## prove that the suites catch the listed mistakes and accept right answers
	$(BIN)/autograder --course $(COURSE) certify $(ASSIGNMENT) --term $(COURSE_TERM) --jobs $(JOBS)

# Where numpy brings OpenBLAS for x86-64, the reference is then computed with the kernels of older
# processors and without wide vectors, while answers run with those of this machine.
KERNELS := $(if $(filter x86_64,$(shell uname -m)),Prescott Nehalem Haswell)

.PHONY: certify-deep
certify-deep: $(VENV)/core ## look for luck: every suite on 200 draws of inputs, right answers in other clothes
	$(BIN)/autograder --course $(COURSE) certify $(ASSIGNMENT) --term $(COURSE_TERM) --jobs $(JOBS) --deep
	for kernel in $(KERNELS); do \
		echo "reference with the kernels of $$kernel"; \
		OPENBLAS_CORETYPE=$$kernel NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4" \
		$(BIN)/autograder --course $(COURSE) certify $(ASSIGNMENT) --term $(COURSE_TERM) --jobs $(JOBS) \
			--deep --seeds 20 || exit 1; \
	done

.PHONY: bench
bench: $(VENV)/core ## time this grader beside otter-grader and nbgrader
	$(BIN)/python -m benchmarks

.PHONY: bench-mlref
bench-mlref: $(VENV)/dev ## time mlref beside the field's libraries: MODULE=neighbors, or all
	$(BIN)/python -m benchmarks.mlref $(MODULE)

.PHONY: test-gpu
test-gpu: $(VENV)/dev ## run mlref on a GPU; where there is none it says that it skips
	$(BIN)/python -m pytest -q -rs -k cuda tests/gpu tests/mlref

.PHONY: bench-gpu
bench-gpu: $(VENV)/dev ## time training steps on a GPU beside torch; where there is none it says that it skips
	$(BIN)/python -m benchmarks.gpu

.PHONY: lint
lint: $(VENV)/dev ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/dev ## types
	$(BIN)/mypy

.PHONY: check
check: lint types test ## everything that must be green before a change lands

.PHONY: docs
docs: $(VENV)/dev ## the pages under docs/ as HTML; their examples run
	$(BIN)/python -m pytest -q tests/mlref/test_doctests.py
	$(BIN)/sphinx-build -q -W -b html docs docs/_build/html

