"""A credential is known for seconds without a query: asking for an account that is gone is refused, not a fault."""

import pytest

from accounts.models import User
from accounts.services import second_factor
from accounts.services.api_keys import make_api_key
from accounts.services.deletion import delete_own_account
from accounts.services.passwords import change_password
from accounts.services.profile import change_profile
from core.lib.clock import wall_now
from core.lib.errors import NotSignedIn
from tests.make.accounts import PASSWORD, a_user

pytestmark = pytest.mark.django_db
NOW = wall_now()
CALLS = {
    "profile": lambda who: change_profile(user_id=who, changes={"username": "zoe"}),
    "password": lambda who: change_password(
        user_id=who, current_password=PASSWORD, password="quiet rivers bend twice", now=NOW
    ),
    "key": lambda who: make_api_key(user_id=who, name="bot", scopes=["read"], now=NOW),
    "second factor": lambda who: second_factor.confirm(user_id=who, code="000000", now=NOW),
    "deletion": lambda who: delete_own_account(user_id=who, password=PASSWORD, now=NOW),
}


@pytest.mark.parametrize("call", CALLS)
def test_who_is_gone_changes_nothing(call):
    alice = a_user("alice")
    User.objects.all().delete()
    with pytest.raises(NotSignedIn):
        CALLS[call](alice.id)
