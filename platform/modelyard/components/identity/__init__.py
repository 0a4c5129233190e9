"""The roles that jobs, pipelines, endpoints and notebooks run with."""
