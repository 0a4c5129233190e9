"""The data catalog."""
