"""Pages that are generated from the code: README's table of settings, and the reference of components."""
