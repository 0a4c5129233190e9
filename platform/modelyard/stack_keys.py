"""Configuration keys that stacks and verbs agree on."""

BRANCH_KEY = "modelyard:branch"
BRANCH_SETTINGS = "branch"
