"""How the record is written down and digested, and how an engine's inputs are packed: text and bytes, nothing else."""
