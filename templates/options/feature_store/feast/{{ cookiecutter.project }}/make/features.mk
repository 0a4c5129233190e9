# Features in Feast: registry and Parquet below the model's prefix in the platform's bucket, online in DynamoDB.
ENV ?= dev
# Features from that time on go online: the newest of each key.
FROM ?= 1970-01-01T00:00:00
OUTPUTS = build/outputs.json
FEAST = PYTHONPATH=src $(BIN)/python tools/feast_environment.py $(OUTPUTS)

.PHONY: features-outputs features-write features-apply features-materialize features-teardown

features-outputs:
	@mkdir -p build
	@$(BIN)/modelyard outputs --env $(ENV) --json > $(OUTPUTS)

features-write: features-outputs
	$(FEAST) $(BIN)/python -m {{ cookiecutter.__package }}.feast_source '$$FEAST_ROOT'

features-apply: features-outputs
	$(FEAST) $(BIN)/feast --chdir feature_repo apply

features-materialize: features-write features-apply
	$(FEAST) $(BIN)/feast --chdir feature_repo materialize $(FROM) $$(date -u +%Y-%m-%dT%H:%M:%S)

# Away with what Feast has made: tables and registry. The model's stack doesn't know of them.
features-teardown: features-outputs
	$(FEAST) $(BIN)/feast --chdir feature_repo teardown
