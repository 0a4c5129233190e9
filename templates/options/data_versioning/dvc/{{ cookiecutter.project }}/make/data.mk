# Versions of the data: DVC keeps them below the model's prefix in the platform's bucket.
ENV ?= dev
export DVC_NO_ANALYTICS = 1
export PYTHONPATH = src
DVC = PATH="$(abspath $(BIN)):$$PATH" $(BIN)/dvc

.PHONY: data verify data-remote data-push data-pull

data:
	$(DVC) repro

# The version of the data that is committed, if one is, is what the code makes.
verify::
	$(DVC) repro prepare
	! git cat-file -e HEAD:dvc.lock 2>/dev/null || git diff --exit-code HEAD -- dvc.lock

data-remote:
	$(BIN)/modelyard outputs --env $(ENV) --json | $(BIN)/python tools/data_remote.py

data-push: data-remote
	$(DVC) push

data-pull: data-remote
	$(DVC) pull
