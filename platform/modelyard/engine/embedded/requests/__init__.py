"""What a program asks for: the service it talks to, and what its requests mean."""
