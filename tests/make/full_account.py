"""Somebody of whom nearly every table says something."""

import pyotp

from accounts.models import User
from accounts.services import second_factor
from accounts.services.api_keys import make_api_key
from accounts.services.mail import Kind, owe
from accounts.services.one_time_tokens import Purpose, issue
from core.jobs.slots import begin_for
from core.lib.clock import wall_now
from tests.make.accounts import PASSWORD, a_user, tokens_for
from tests.make.alerts import an_event
from tests.make.channels import a_channel, a_dead_delivery, an_alert_on
from tests.make.exchanges import a_bare_connection
from tests.make.imports import a_checked_import
from tests.make.markets import a_token
from tests.make.portfolios import a_portfolio, a_share_link, a_transaction
from tests.make.statements import KOINLY

NOW = wall_now()


def a_full_account(name: str) -> User:
    """With a row in nearly every table that names users; `codes` are the recovery codes."""
    user = a_user(name, preferences={"time_zone": "Asia/Tokyo"})
    tokens_for(user)
    make_api_key(user_id=user.id, name=f"bot of {name}", scopes=["read"], now=NOW)
    app = pyotp.TOTP(second_factor.begin(user_id=user.id, password=PASSWORD, now=NOW).secret)
    codes = second_factor.confirm(user_id=user.id, code=app.at(NOW), now=NOW)
    tokens_for(user)
    issue(user, Purpose.RESET, email=user.email, now=NOW)
    owe(user, Kind.RESET, now=NOW)
    begin_for(user.id, "exchange-sync", f"of {name}")
    channel = a_channel(user, name=f"channel of {name}")
    event = an_event(an_alert_on(channel, token=a_token(f"{name[:3].upper()}"), note=f"note of {name}"))
    a_dead_delivery(channel, event)
    portfolio = a_portfolio(user, name=f"portfolio of {name}")
    a_transaction(portfolio)
    a_share_link(portfolio, f"token of {name}")
    portfolio.left_issues.create(kind="short_history", subject="solana", facts="short by 1", left_at=NOW)
    a_checked_import(portfolio, f"{KOINLY}never,1,{name},,,,,,,,,\n")
    connection = a_bare_connection(user, name=f"account of {name}")
    connection.balances.create(ticker="SOL", asset="solana", total=1)
    connection.runs.create(lease=connection.id, began_at=NOW)
    user.refresh_from_db()
    user.codes = codes
    return user
