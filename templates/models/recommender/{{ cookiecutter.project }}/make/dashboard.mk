# The dashboard as Grafana imports it: make dashboard > dashboard.json
.PHONY: dashboard

dashboard:
	@$(BIN)/python -m dashboards.quality
