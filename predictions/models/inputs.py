"""What engines were given at one moment, so that every forecast can be made again from what was stored."""

from django.db import models


class MomentInputs(models.Model):
    """Features, scales, reference prices and baselines of all tokens at `as_of`; written once.

    `data` is a compressed .npz of plain arrays (never a pickle), `digest` its SHA-256.
    """

    id = models.BigAutoField(primary_key=True)
    as_of = models.DateTimeField()
    digest = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["as_of", "digest"], name="one_copy_of_inputs")]

    def __str__(self) -> str:
        return f"inputs of {self.as_of:%Y-%m-%d %H:%M}"
