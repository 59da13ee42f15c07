"""Tables of a back-test."""
