.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
NODE := node_modules/.bin/node
JEST := $(NODE) --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js
LAB := $(NODE) test/lab/main.ts
# Where .ci/run collects each run's totals.
report = $(if $(LIFECYCLE_TEST_RESULTS),--json --outputFile=$(LIFECYCLE_TEST_RESULTS)/$(1).json)

help: ## show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node_modules/.installed: package.json package-lock.json
	@# Not `npm ci`: it refuses a lock that lacks optional binaries of other platforms, which not every registry mirrors.
	npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

test: unit ## every test

unit: node_modules/.installed ## unit, golden and property tests (seconds)
	$(JEST) --selectProjects unit $(call report,unit)

lint: node_modules/.installed ## types, ESLint, Prettier, boundaries, unused code
	tsc
	eslint --max-warnings 0 .
	prettier --check --log-level warn .
	depcruise --config .dependency-cruiser.cjs plugin
	knip

lab-up: node_modules/.installed ## start the lab: a real node on this machine (needs root, Go, Debian)
	$(LAB) up

lab-down: node_modules/.installed ## stop the lab and remove what it made
	$(LAB) down

lab-status: node_modules/.installed ## what runs in the lab
	$(LAB) status

clean: ## remove what was built here
	rm -rf dist coverage node_modules/.installed

.PHONY: help test unit lint lab-up lab-down lab-status clean
