"""How the staff site writes times; pages name their own formats."""
