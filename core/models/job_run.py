"""What ran, when, how far it came and how it ended. A slot is claimed by its unique row."""

from django.db import models


class JobRun(models.Model):
    """One run of one job. `slot` is the market time it is for; runs started by hand have none."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    job = models.CharField(max_length=64)
    slot = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    progress = models.FloatField(default=0.0, help_text="0 to 1")
    detail = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(help_text="Wall time.")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Wall time.")
    owner = models.UUIDField(
        null=True, blank=True, help_text="The user who started it for himself; the ground knows no users."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="one_run_per_job_and_slot")]
        indexes = [
            models.Index(fields=["job", "-started_at"]),
            models.Index(fields=["-started_at"]),
            models.Index(fields=["owner"], condition=models.Q(owner__isnull=False), name="job_runs_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.slot or self.started_at:%Y-%m-%d %H:%M} {self.state}"
