"""Configuration keys that stacks and verbs agree on."""

BRANCH_KEY = "modelyard:branch"
BRANCH_SETTINGS = "branch"
EXPIRY_KEY = "modelyard:expiry"
OWNER_KEY = "modelyard:owner"
COMMIT_KEY = "modelyard:commit"
SAMPLE_KEY = "modelyard:sample_fraction"
PULL_REQUEST_KEY = "modelyard:pull_request"
