"""What accounts announces. Events go out after commit; whoever stands higher subscribes in its receivers."""

from django.dispatch import Signal

session_ended = Signal()
"""A session stopped counting (`session_id`, `user_id`): its requests are refused and its live feed closes."""

mail_owed = Signal()
"""A mail stands in the table (`mail_id`); a sweep finds it, too."""
