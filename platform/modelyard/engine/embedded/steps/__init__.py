"""What is done about a resource: found, decided, carried out."""
