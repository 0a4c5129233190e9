"""Configuration keys that stacks and verbs agree on."""

BRANCH_KEY = "modelyard:branch"
BRANCH_SETTINGS = "branch"
EXPIRY_KEY = "modelyard:expiry"
NONE = "none"  # the value of a tag that does not apply, so that every resource has every tag
