"""The {{ cookiecutter.project }} model: its data, its training, its evaluation and its answers."""
