"""Parameters of Systems Manager."""
