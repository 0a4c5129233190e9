"""An AWS on this machine: moto, our own operations, and a runtime that really does the work."""
