"""Looking at, mending and moving states without a deployment."""
