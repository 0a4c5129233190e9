"""Secrets and their values."""
