"""Pages of accounts: signing up, in and out."""
