"""Tables of the ground: which market this database holds, what ran, what failed for good, and replies to repeat."""

from core.models.dead_letter import DeadLetter
from core.models.idempotent_reply import IdempotentReply
from core.models.job_run import JobRun
from core.models.source_stamp import SourceStamp

__all__ = ["DeadLetter", "IdempotentReply", "JobRun", "SourceStamp"]
