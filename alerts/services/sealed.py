"""What of a notification channel is sealed, bound to its row and its owner."""

from alerts.models import NotificationChannel
from core.lib.sealed_column import SealedColumn

_PURPOSE = "notification channel"
ADDRESS = SealedColumn(NotificationChannel, "sealed_address", purpose=_PURPOSE, owner="owner_id")
SECRET = SealedColumn(NotificationChannel, "sealed_secret", purpose=_PURPOSE, owner="owner_id")
OLD_SECRET = SealedColumn(NotificationChannel, "sealed_old_secret", purpose=_PURPOSE, owner="owner_id")
CODE = SealedColumn(NotificationChannel, "sealed_code", purpose=_PURPOSE, owner="owner_id")
