"""The platform's shared model registry."""
