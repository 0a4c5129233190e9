"""Where runs and models are recorded while they are tried."""
