"""What changes the market's tables: each module one subject, each change one transaction."""
