# One word for each thing that people do: every target is one line that calls what is there. 'make' lists them.
SHELL := /bin/bash
export NAME BACKUP CONFIRM REPLICAS
dev := deploy/environment.sh development
prod := deploy/environment.sh production

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z][a-z-]*\):.*\#\# .*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## This list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p; s/^#: \(.*\)/\n\1/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' 'NF < 2 { print; next } { printf "%-28s %s\n", $$1, $$2 }'

#: To begin with
quick-start: ## From nothing to the newest articles, in containers or natively
	./run_cli.sh collect && ./run_cli.sh latest
setup: ## The password and the settings of the containers
	./run_cli.sh setup
check-env: ## Every setting, its value and where it came from
	./run_cli.sh doctor --env

#: Development, in containers beside production
dev: ## Start it, wait until all is healthy, say what to do next
	./start_development.sh
dev-build: ## The same with the images built anew
	./start_development.sh --build
dev-stop: ## Stop it; the data stays
	./start_development.sh --stop
dev-restart: ## Stop it and start it
	./start_development.sh --stop && ./start_development.sh
dev-logs: ## Follow its logs
	$(dev) logs -f --tail 100
dev-watch: ## A monitor of the sources as they are: built and started anew whenever one is written
	$(dev) --profile watch up --build watch
dev-shell: ## A shell in its monitor
	$(dev) exec monitor bash
dev-db-shell: ## psql on its database
	$(dev) exec postgres psql -U cti cti
seed: ## The sources of the lab, into its database
	$(dev) seed
migrate-reset: ## Begin a database of development anew; asks for its name, or CONFIRM=name
	@name="$$CONFIRM"; [[ -n $$name ]] || read -r -p "All that cti made is dropped. Name of the database: " name; ./run_cli.sh init --reset --confirm="$$name"

#: Production, in containers
prod-build: ## Build the image
	$(prod) build
prod: ## Start it, wait until all is healthy, say what to do next
	./start_production.sh
prod-stop: ## Stop it; the data stays
	./start_production.sh --stop
prod-logs: ## Follow its logs
	$(prod) logs -f --tail 100
prod-scale: ## REPLICAS=3: so many monitors
	./start_production.sh --replicas "$$REPLICAS"

#: Beside production, each a profile of docker-compose.yml
proxy: ## TLS on port 8443: nginx before the monitors
	deploy/prepare_profiles.sh && $(prod) --profile proxy up -d
monitoring: ## Prometheus, Alertmanager and Grafana on 9090, 9093 and 3000
	deploy/prepare_profiles.sh && $(prod) --profile monitoring up -d
llm: ## Ollama, with the model LLM_MODEL (mistral)
	$(prod) llm
pin-images: ## Look up the digests of all images; needs a registry
	deploy/pin_images.sh

#: Every day, in containers or natively
migrate: ## Bring the tables up to date
	./run_cli.sh init --no-sources
status: ## What is wrong, and what to do
	./run_cli.sh doctor
logs: ## The last lines of production
	$(prod) logs --tail 100
collect: ## Collect what is due
	./run_cli.sh collect
export: ## All articles as JSON, to standard output
	@./run_cli.sh export
backup: ## Make a backup
	./run_cli.sh backup create
restore: ## BACKUP=latest: restore one; CONFIRM=name of the database where it is not empty
	@[[ -n $$BACKUP ]] || { echo "make: say which: make restore BACKUP=latest" >&2; exit 2; }; ./run_cli.sh restore "$$BACKUP" $${CONFIRM:+--confirm="$$CONFIRM"}

#: The code
test: ## All tests, or those whose name holds NAME=words
	tests/run.sh $(if $(findstring command,$(origin NAME)),"$$NAME")
lint: ## Formatting, includes, shell scripts; clang-tidy on what changed
	bash -c 'source tests/run.sh; lint' && tests/tidy.sh
format: ## Write the code as .clang-format has it
	find core cli tests -name '*.[ch]pp' -print0 | xargs -0 clang-format-14 -i
typecheck: ## Compile everything with all warnings as errors
	cmake --preset check && cmake --build --preset check
bench: ## How fast it collects, against the lab
	tests/bench/collect.sh
goldens: ## Write completions and goldens anew, from build/dev
	tests/rewrite.sh
coverage: ## Which lines the tests run
	tests/run.sh --coverage
release: ## The archives of a release
	deploy/make_release.sh

#: Security
security: ## All checks that can run here
	tests/security.sh
security-scan-dockerfile: ## The rules for Dockerfiles
	tests/security.sh dockerfile
security-scan-secrets: ## Secrets in the files and in the history
	tests/security.sh secrets
security-scan-image: ## The image, by trivy or grype
	tests/security.sh image

#: What CI does
ci-build: ## Build the image and try all that is promised of it
	tests/container/run.sh
ci-security: ## The same as 'security'
	tests/security.sh

#: Away with it
clean: ## What was built
	rm -rf build
clean-dev: ## The containers and the data of development
	$(dev) down --volumes --remove-orphans
