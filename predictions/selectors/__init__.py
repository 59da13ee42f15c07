"""What is read of the record, shaped for its readers."""
