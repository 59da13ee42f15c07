"""What is read about users and their sessions."""
