"""What of an exchange connection is sealed, bound to its row and its owner."""

from core.lib.sealed_column import SealedColumn
from portfolios.models import Connection

_PURPOSE = "exchange connection"
KEY = SealedColumn(Connection, "sealed_key", purpose=_PURPOSE, owner="owner_id")
SECRET = SealedColumn(Connection, "sealed_secret", purpose=_PURPOSE, owner="owner_id")
PASSPHRASE = SealedColumn(Connection, "sealed_passphrase", purpose=_PURPOSE, owner="owner_id")
COLUMNS = (KEY, SECRET, PASSPHRASE)
