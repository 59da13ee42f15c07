"""Tables of the ground: which market this database holds, what ran, and what failed for good."""

from core.models.dead_letter import DeadLetter
from core.models.job_run import JobRun
from core.models.source_stamp import SourceStamp

__all__ = ["DeadLetter", "JobRun", "SourceStamp"]
