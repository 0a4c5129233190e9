"""One file for each family of rules; a rule is found by being there."""
