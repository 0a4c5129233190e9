"""Batch transform, really done: objects in, a model server's answers out."""
