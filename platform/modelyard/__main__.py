"""`python -m modelyard` is the same as `modelyard`."""

from modelyard.cli import main

main()
