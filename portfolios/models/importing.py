"""Files that were imported: what was asked, how far it came, and the rows that could not be taken."""

import uuid

from django.db import models

from core.models import JobRun
from portfolios.models.portfolio import Portfolio


class ImportBatch(models.Model):
    """One file on its way into a portfolio. Its bytes, compressed, stay until it is in, or a week if nobody goes on.

    A batch is checked (a dry run, whose counts it keeps), then waits for its owner's word, then runs. Whoever works on
    it holds a lease; when that ends without an ending, somebody else begins again, which doubles nothing, since rows
    are known by their external ids. An undo likewise goes on with the rows that are left.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        READY = "ready", "Waiting for your word"
        RUNNING = "running", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(max_length=8, choices=State, default=State.CHECKING)
    content = models.BinaryField(default=b"")
    size = models.PositiveIntegerField(help_text="Bytes of the file.")
    digest = models.CharField(max_length=64)
    header = models.JSONField(default=list)
    encoding = models.CharField(max_length=10)
    preset = models.CharField(
        max_length=24, blank=True, help_text="Empty until somebody knows whose file it is."
    )
    terms = models.JSONField(default=dict, help_text="What the owner said of the file.")
    rows_new = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0, help_text="In the portfolio already, by their ids.")
    rows_probable = models.PositiveIntegerField(
        default=0, help_text="Like one that is there under another id."
    )
    rows_ignored = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    rows_booked = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=dict, help_text="The first rows, assets, and what is probably there.")
    failure = models.CharField(max_length=300, blank=True)
    run = models.ForeignKey(JobRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Wall time.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="To do what its state says, in a row.")
    created_at = models.DateTimeField(help_text="Wall time.")
    changed_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        verbose_name = "import"
        indexes = [
            models.Index(fields=["portfolio", "-created_at"], name="imports_newest_first"),
            models.Index(fields=["state", "changed_at"], name="imports_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.preset or 'file'} {self.state}"


class RejectedRow(models.Model):
    """A row that could not be taken, with the reason; for its owner, who mends it and imports it again."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rejected")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=120, blank=True)
    message = models.CharField(max_length=300)
    cells = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["batch", "line"], name="rejected_rows_in_order")]
