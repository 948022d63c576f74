# Everything runs in .venv; `make demo` and `make test` set it up when needed.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
# Examples for users' own repositories.
WORKFLOWS := $(wildcard docs/examples/*.yml)
READY := $(VENV)/.ready-$(shell cat requirements-dev.lock pyproject.toml | cksum | cut -d' ' -f1)

.PHONY: help demo test test-fast rego-quick pytest-quick rule cluster cluster-programs rego-test lint wheel bench bench-admission mutate terraform-versions fixtures knowledge docs lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The gate needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(RUN)/gate engine install
	@rm -f $(VENV)/.ready-*; touch $@

demo: $(READY) ## the gate on a real plan and manifests: a deny, then an allow
	@$(RUN)/python -m tools.demo

test-fast: $(READY) ## an answer in less than a minute: not the readers, the facts, the engine, and what starts Terraform
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target rego-quick pytest-quick

rego-quick: $(READY)
	@opa=$$($(RUN)/gate engine where) && $$opa test rego --timeout 120s

pytest-quick: $(READY)
	@$(RUN)/pytest -q tests/model tests/report tests/test_architecture.py tests/test_layout.py tests/test_docs.py tests/test_knowledge.py \
		tests/test_rule_words.py tests/test_rules_fire.py

test: $(READY) rego-test $(if $(CI),cluster-programs) ## every test, Rego's included
	$(RUN)/pytest

cluster: $(READY) cluster-programs ## the tests on a real kube-apiserver, which is built first (minutes, once)
	$(RUN)/pytest tests/cluster

cluster-programs: $(READY)
	$(RUN)/python -m tools.cluster.programs

rego-test: $(READY)
	@opa=$$($(RUN)/gate engine where) && $$opa test rego --timeout 120s --coverage --threshold 100 --format json >$(VENV)/rego-coverage.json \
		&& echo "Rego: every test passed, 100 % coverage" \
		|| { $$opa test rego --timeout 120s; $$opa test rego --timeout 120s --coverage --format json | $(RUN)/python -m tools.uncovered; exit 1; }

rule: $(READY) ## a new rule that works, with test and fixtures: make rule NAME=stale-token CATEGORY=credentials
	@$(RUN)/python -m tools.new_rule "$(NAME)" "$(CATEGORY)"

lint: $(READY) ## formatters, linters and type checkers: Python, Rego, workflows
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	@opa=$$($(RUN)/gate engine where) && $$opa check --strict -s rego/schema rego && $$opa fmt --fail --list rego && echo "Rego: checked and formatted"
	@regal=$$($(RUN)/python -m tools.lint.programs regal) && $$regal lint rego
	@actionlint=$$($(RUN)/python -m tools.lint.programs actionlint) && $$actionlint .github/workflows/*.yml $(WORKFLOWS)
	$(RUN)/zizmor --offline --no-progress --config .github/zizmor.yml .github action.yml $(WORKFLOWS)

wheel: $(READY) ## the wheel for this machine, OPA and gate-inert inside, into dist/ (needs Go; minutes, once)
	$(RUN)/python -m tools.wheels.build

bench: $(READY) ## wall time and memory beside conftest and checkov
	$(RUN)/python -m tools.bench.bench

bench-admission: $(READY) cluster-programs ## the webhook under load on a real API server, beside a bare OPA
	$(RUN)/python -m tools.bench.admission

mutate: $(READY) ## small changes of rules and facts, of which each should fail a test (an hour); SAMPLE=100 SEED=1
	$(RUN)/python -m tools.mutate rego --sample $(or $(SAMPLE),100) --seed $(or $(SEED),1)
	$(RUN)/python -m tools.mutate python --sample $(or $(SAMPLE),100) --seed $(or $(SEED),1)

terraform-versions: ## other versions of Terraform and OpenTofu, built to try them by hand (minutes each, once)
	@$(PYTHON) -m tools.terraform_versions

fixtures: $(READY) ## plan the fixtures again with real Terraform and moto
	$(RUN)/python -m tools.generate.plans

knowledge: $(READY) ## write the packaged data again from its sources (needs go, which fetches Kubernetes' source, and PyPI)
	$(RUN)/python -m tools.generate.aws_knowledge
	$(RUN)/python -m tools.generate.aws_data
	$(RUN)/python -m tools.generate.kubernetes_knowledge
	$(RUN)/python -m tools.generate.graph_knowledge
	$(RUN)/python -m tools.generate.own_guard
	$(RUN)/python -m tools.generate.provider_schemas

docs: $(READY) ## write the generated pages, and the schema of what Rego reads, again
	$(RUN)/python -m tools.generate.contract
	$(RUN)/python -m tools.generate.rule_pages
	$(RUN)/python -m tools.generate.coverage_page
	$(RUN)/python -m tools.generate.cli_page

lock: ## resolve the lock files again
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove what make made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
