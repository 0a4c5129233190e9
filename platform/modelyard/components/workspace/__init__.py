"""Where data scientists work."""
