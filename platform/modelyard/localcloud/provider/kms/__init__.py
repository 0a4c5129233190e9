"""Encryption keys and their aliases."""
