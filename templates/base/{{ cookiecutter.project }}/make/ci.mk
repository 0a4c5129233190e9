# Tasks of CI's stages on AWS. What comes from outside, such as a branch's name, is read from the environment by the shell
# alone, in quotes: it is never part of a command.
CLOUD = --engine pulumi --target aws
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: plan pulumi credentials branch-up branch-down reap comment deploy-%

# What the program would make, without credentials, without state and without a cloud.
plan:
	modelyard preview --env dev --alone

# The Pulumi CLI in the version of its SDK.
pulumi:
	python -c 'from pulumi.automation import PulumiCommand; PulumiCommand.install(root=".venv")'

# The provider's token, where AWS's clients look for it.
credentials:
	@umask 077 && printf %s "$${OIDC_TOKEN:-$$CIRCLE_OIDC_TOKEN_V2}" > "$$AWS_WEB_IDENTITY_TOKEN_FILE"

branch-up:
	modelyard branch up --branch="$$BRANCH" --pull-request="$$PULL_REQUEST" --comment-file=comment.md $(CLOUD)

comment:
	modelyard comment comment.md --pull-request-url="$$PULL_REQUEST_URL"

branch-down:
	modelyard branch down --branch="$$BRANCH" $(CLOUD)

reap:
	modelyard branch reap $(CLOUD)

deploy-%:
	modelyard check --env $* $(CLOUD)
	modelyard up --env $* $(CLOUD)
