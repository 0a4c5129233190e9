"""What the tests of the model need beyond the requirements that every machine has: nothing."""
