"""What is read of the market, shaped for its readers."""
