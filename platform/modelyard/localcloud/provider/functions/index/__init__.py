"""Functions of the provider itself."""
