"""Working with a deployed model: its pipeline, its registry and its endpoint, on any target."""
