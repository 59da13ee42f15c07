"""The live feed: one hub of listeners in each process, one mailbox of newest values in each connection."""
