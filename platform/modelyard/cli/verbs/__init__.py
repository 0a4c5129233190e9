"""One file for each verb; each has a function `register` that adds it to the application."""
