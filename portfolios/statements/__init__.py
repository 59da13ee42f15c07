"""Files of other programs read as transactions: bytes in, drafts and reasons out. No database, no network, no clock."""
