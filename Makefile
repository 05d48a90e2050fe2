# By one word; what else there is to do has scripts of its own, see CONTRIBUTING.md.
.PHONY: release
release:
	deploy/make_release.sh
