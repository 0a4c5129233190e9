"""Grafana dashboards, as code: `make dashboard` prints the JSON that Grafana imports."""
