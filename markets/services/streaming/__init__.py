"""The collector: one process that listens to an exchange's stream and stores one price a token and second."""
