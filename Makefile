.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
NODE := node_modules/.bin/node
JEST := $(NODE) --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js
LAB := $(NODE) test/lab/main.ts
# Where .ci/run collects each run's totals.
report = $(if $(LIFECYCLE_TEST_RESULTS),--json --outputFile=$(LIFECYCLE_TEST_RESULTS)/$(1).json)

help: ## show this help
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node_modules/.installed: package.json package-lock.json
	@# Not `npm ci`: it refuses a lock that lacks optional binaries of other platforms, which not every registry mirrors.
	npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

test: unit sql gitea faults-few e2e ## every test; needs root, Go and Debian for the lab

unit: node_modules/.installed ## unit, golden and property tests; needs nothing but Node.js
	$(JEST) --selectProjects=unit $(call report,unit)

sql: sql-15 sql-18 ## the fence protocol on real PostgreSQL 15 and 18, the sample application on 15

sql-all: sql sql-14 sql-16 sql-17 ## the fence protocol on every PostgreSQL that a lifecycle file accepts

sql-15: node_modules/.installed
	$(LAB) packages
	$(JEST) --selectProjects=sql --maxWorkers=4 $(call report,$@)

sql-14 sql-16 sql-17 sql-18: sql-%: node_modules/.installed
	$(LAB) packages
	$(LAB) postgres $*
	LIFECYCLE_POSTGRES=$* $(JEST) --selectProjects=sql --maxWorkers=4 $(call report,$@)

gitea: node_modules/.installed ## reviews, merges and pushes on a real Gitea, and the approvals that they come to; builds it once a machine
	$(LAB) packages
	$(JEST) --selectProjects=gitea $(call report,$@)

SWITCHES ?= 200
soak: soak-15 soak-18 ## 200 switches in a row with every kind of client, on PostgreSQL 15 and 18 (SWITCHES=, LIFECYCLE_SOAK_SEED=)

soak-15 soak-18: soak-%: node_modules/.installed
	$(LAB) packages
	$(LAB) postgres $*
	LIFECYCLE_SOAK=$(SWITCHES) LIFECYCLE_POSTGRES=$* $(JEST) --selectProjects=sql --testPathPatterns=soak.sql $(call report,$@)

# Most of a case is waiting; a budget in which a switch comes to its end beside so many others.
SIDE ?= 20
PART ?= 1/1
BUDGET ?= 60
faults: node_modules/.installed ## a fault at every statement of keeper, commit, abort and preflight; over an hour (ONLY=regex PART=k/n SIDE=n)
	$(LAB) packages
	LIFECYCLE_FAULTS_BUDGET=$(BUDGET) $(NODE) test/faults/main.ts --only '$(ONLY)' --part $(PART) --side $(SIDE)

faults-few: node_modules/.installed ## ten of them, which cover every kind, step and server
	$(LAB) packages
	LIFECYCLE_FAULTS=1 $(JEST) --selectProjects=sql --testPathPatterns=faults/sample $(call report,$@)

# So many namespaces side by side: where the processor is what they wait for, more take no less time, and time out.
WORLDS ?= 1
e2e: node_modules/.installed ## commits and faults against a real Kubernetes, Argo CD and PostgreSQL
	$(LAB) up
	$(JEST) --selectProjects=e2e --maxWorkers=$(WORLDS) --testPathIgnorePatterns /alone/ /long/ $(call report,$@)
	$(JEST) --selectProjects=e2e --runInBand --testPathPatterns /alone/ $(call report,$@-alone)
	$(LAB) down

e2e-long: node_modules/.installed ## restores, backups in S3, a lost database and the generator, in the same lab; over an hour, and no part of test
	$(LAB) up
	$(JEST) --selectProjects=e2e --runInBand --testPathPatterns /long/ $(call report,$@)
	$(LAB) down

demo: node_modules/.installed ## first commit, rehearsal and switch under load, watched wave by wave
	$(LAB) up
	$(NODE) test/demo/main.ts

dist: node_modules/.installed ## the bundles and the migrations' launcher, as the image holds them
	$(NODE) scripts/bundle.ts
	gcc -static -Os -o dist/run-unless plugin/steps/migrate/launcher/run-unless.c

bench: node_modules/.installed ## generate against kubectl kustomize, in one run
	$(NODE) test/bench/generate.ts

bench-generator: node_modules/.installed ## the generator's inventory over 10 000 lifecycle files
	$(NODE) test/bench/generator.ts

bench-catalogs: node_modules/.installed ## what verify and the fence read, where a database has many objects, against pg_dump
	$(LAB) packages
	$(NODE) test/bench/catalogs.ts

generated: node_modules/.installed ## write what is generated: schemas, CRD, reference
	$(NODE) scripts/generate-schemas.ts
	$(NODE) scripts/generate-docs.ts

lint: node_modules/.installed ## types, ESLint, Prettier, boundaries, unused code
	tsc
	eslint --max-warnings 0 .
	prettier --check --log-level warn .
	depcruise --config .dependency-cruiser.cjs plugin generators
	knip

lab-up: node_modules/.installed ## start the lab: a real node on this machine (needs root, Go, Debian)
	$(LAB) up

lab-down: node_modules/.installed ## stop the lab and remove what it made
	$(LAB) down

lab-status: node_modules/.installed ## what runs in the lab
	$(LAB) status

clean: ## remove what was built here
	rm -rf dist coverage node_modules/.installed

.PHONY: help test unit gitea sql sql-all sql-14 sql-15 sql-16 sql-17 sql-18 soak soak-15 soak-18 faults faults-few e2e e2e-long demo dist bench bench-generator bench-catalogs generated lint lab-up lab-down lab-status clean
