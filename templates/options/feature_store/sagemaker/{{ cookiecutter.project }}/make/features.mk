# Features in SageMaker's feature store; GROUP is the group's name, as the platform exports it in `feature_groups`.
.PHONY: features-settings features-put features-get

features-settings:
	@PYTHONPATH=src $(BIN)/python -m {{ cookiecutter.__package }}.feature_group settings

features-put:
	@PYTHONPATH=src $(BIN)/python -m {{ cookiecutter.__package }}.feature_group put --group "$(GROUP)"

features-get:
	@PYTHONPATH=src $(BIN)/python -m {{ cookiecutter.__package }}.feature_group get --group "$(GROUP)" --ids $(IDS)
