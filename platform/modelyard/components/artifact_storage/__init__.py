"""Buckets for data, artifacts, captured traffic and access logs."""
