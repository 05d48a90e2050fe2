# By one word; what else there is to do has scripts of its own, see CONTRIBUTING.md.
.PHONY: release backup restore
release:
	deploy/make_release.sh

# make restore BACKUP=latest CONFIRM=cti: the name of the database that is replaced, where it is not empty.
backup:
	./run_cli.sh backup create
restore:
	@test -n "$(BACKUP)" || { echo "make: say which: make restore BACKUP=latest" >&2; exit 2; }
	./run_cli.sh restore "$(BACKUP)" $(if $(CONFIRM),--confirm="$(CONFIRM)")
