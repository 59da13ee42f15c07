"""The four exchanges as they are before any key is given: fields of the form, limits, and what stays unknown.

Limits are the exchanges' published ones for accounts without any privilege, as of 2026. Costs are in `calls` of each
client. Where an exchange lets a counter run down slowly (Kraken), the limit here is the stricter plain window.
"""

from portfolios.exchanges.base import CredentialField, Limit, Per, Profile

BINANCE = Profile(
    name="binance",
    title="Binance",
    fields=(
        CredentialField("key", "API key", "64 letters and digits.", is_secret=False),
        CredentialField("secret", "Secret key", "Shown once, when the key is made."),
    ),
    limits=(
        Limit("weight", Per.ADDRESS, 6000, 60),
        Limit("wallet", Per.ADDRESS, 12000, 60),
        Limit("wallet_of_user", Per.KEY, 180_000, 60),
    ),
    advice=(
        "Account, API Management, Create API. Leave “Enable Reading” as the only tick: no spot or margin trading, "
        "no withdrawals, no universal transfer."
    ),
    asks_by_asset=frozenset({"trades"}),
    unknowable=(
        "Binance tells trades pair by pair: pairs of tokens that are neither held, nor moved in or out, nor in "
        "transactions here, are not looked through.",
        "Conversions, fiat purchases, earnings and futures are not in the trade history.",
    ),
)
COINBASE = Profile(
    name="coinbase",
    title="Coinbase",
    fields=(
        CredentialField("key", "API key name", "Looks like organizations/…/apiKeys/….", is_secret=False),
        CredentialField(
            "secret",
            "Private key",
            "All of it, from -----BEGIN EC PRIVATE KEY----- to the last line (ECDSA), or the one line of base64 "
            "(Ed25519).",
            is_long=True,
        ),
    ),
    limits=(Limit("advanced", Per.KEY, 30, 1), Limit("wallets", Per.KEY, 10_000, 3600)),
    advice="Coinbase Developer Platform, API keys, Create: tick “View” alone, neither “Trade” nor “Transfer”.",
    asks_by_asset=frozenset({"deposits", "withdrawals"}),
    unknowable=(
        "Coinbase tells deposits and withdrawals wallet by wallet: wallets of tokens that did not move are not "
        "looked through.",
        "Simple buys, conversions, rewards and interest are not in the trade history.",
    ),
)
KRAKEN = Profile(
    name="kraken",
    title="Kraken",
    fields=(
        CredentialField("key", "API key", "56 characters.", is_secret=False),
        CredentialField("secret", "Private key", "About 88 characters, ending in ==."),
    ),
    limits=(Limit("counter", Per.KEY, 15, 45), Limit("public", Per.ADDRESS, 1, 1)),
    advice=(
        "Settings, API, Create: tick “Query” under funds, “Query closed orders & trades” and “Query ledger "
        "entries”, and nothing else."
    ),
    unknowable=(
        "Staking rewards, earnings and conversions show in the balance and not in the history here; positions on "
        "margin and futures are not read.",
        "Kraken tells each fee in what was paid with, even where it was taken from the token that was bought.",
    ),
)
KUCOIN = Profile(
    name="kucoin",
    title="KuCoin",
    fields=(
        CredentialField("key", "API key", "24 letters and digits.", is_secret=False),
        CredentialField("secret", "API secret", "Shown once, when the key is made."),
        CredentialField("passphrase", "API passphrase", "The one chosen when the key was made."),
    ),
    limits=(
        Limit("spot", Per.KEY, 4000, 30),
        Limit("management", Per.KEY, 2000, 30),
        Limit("public", Per.ADDRESS, 2000, 30),
    ),
    advice="API Management, Create API: tick “General” alone, neither “Spot”, “Transfer” nor “Withdrawal”.",
    unknowable=(
        "KuCoin's margin, lending, staking and conversions are not in the trade history.",
        "KuCoin keeps trades of accounts opened for high-frequency trading apart; those are not read.",
    ),
)

PROFILES = {profile.name: profile for profile in (BINANCE, COINBASE, KRAKEN, KUCOIN)}
