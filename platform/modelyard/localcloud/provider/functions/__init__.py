"""The provider's functions; a file's place is its token."""
