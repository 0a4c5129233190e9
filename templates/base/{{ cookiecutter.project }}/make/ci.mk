# Tasks of CI's stages on AWS. What comes from outside, such as a branch's name, is read from the environment by the shell
# alone, in quotes: it is never part of a command.
CLOUD = --engine pulumi --target aws
# modelyard, with the Pulumi CLI that `make pulumi` put beside it.
YARD = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/modelyard

.PHONY: verify plan pulumi credentials branch-up branch-down reap comment

# What the options that this repository was made with have to verify; each adds to it in a file of its own.
verify::
	@:

# What the program would make, without credentials, without state and without a cloud.
plan:
	$(YARD) preview --env dev --alone

# The Pulumi CLI in the version of its SDK.
pulumi:
	$(BIN)/python -c 'from pulumi.automation import PulumiCommand; PulumiCommand.install(root=".venv")'

# The provider's token, where AWS's clients look for it.
credentials:
	@umask 077 && printf %s "$${OIDC_TOKEN:-$$CIRCLE_OIDC_TOKEN_V2}" > "$$AWS_WEB_IDENTITY_TOKEN_FILE"

branch-up:
	$(YARD) branch up --branch="$$BRANCH" --pull-request="$$PULL_REQUEST" --comment-file=comment.md $(CLOUD)

comment:
	$(YARD) comment comment.md --pull-request-url="$$PULL_REQUEST_URL"

branch-down:
	$(YARD) branch down --branch="$$BRANCH" --if-exists $(CLOUD)

reap:
	$(YARD) branch reap $(CLOUD)

deploy-%:
	$(YARD) check --env $* $(CLOUD)
	$(YARD) up --env $* $(CLOUD)
