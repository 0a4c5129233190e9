"""What runs inside an AutoML job's own jobs: the folder travels to them whole and imports only itself."""
