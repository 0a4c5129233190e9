"""One environment as one frozen value, read from its YAML."""
