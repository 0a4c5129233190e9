"""A model in service: its pipeline, its registry and its endpoint."""
