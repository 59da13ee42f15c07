"""What staff see of the ground, and what every staff page stands on."""

from core.admin.jobs import DeadLetterAdmin, JobRunAdmin, SourceStampAdmin
from core.admin.read_only import ReadOnlyAdmin

__all__ = ["DeadLetterAdmin", "JobRunAdmin", "ReadOnlyAdmin", "SourceStampAdmin"]
