"""Buckets for data, models and access logs."""
