"""Hyperparameter tuning: real training jobs, their parameters chosen by Optuna."""
