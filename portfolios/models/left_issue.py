"""What a user said about a data issue: that it stays as it is."""

from django.db import models

from portfolios.models.portfolio import Portfolio


class LeftIssue(models.Model):
    """Issues are found in what is stored and never kept themselves. Of one that its owner leaves alone, `facts` are
    what it was about: where they are others, the issue is there again.
    """

    id = models.BigAutoField(primary_key=True)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="left_issues")
    kind = models.CharField(max_length=24)
    subject = models.CharField(
        max_length=160, help_text="An asset, or the id of a transaction or connection."
    )
    facts = models.CharField(max_length=300)
    left_at = models.DateTimeField(help_text="Wall time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "kind", "subject"], name="one_answer_to_an_issue"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
