"""Money that is paid with and not held. Dollars are what is counted in, and have no name at all."""

DOLLARS = ""
_CODES = """
    USD EUR GBP CHF JPY CNY HKD SGD AUD NZD CAD SEK NOK DKK ISK PLN CZK HUF RON BGN TRY UAH RUB GEL KZT ILS AED SAR QAR
    KWD BHD EGP MAD NGN GHS KES UGX ZAR INR PKR BDT LKR IDR MYR THB VND PHP KRW TWD BRL ARS CLP COP MXN PEN UYU
"""
MONEY = frozenset(_CODES.split())


def is_held(asset: str) -> bool:
    """Whether it has lots: dollars and other money have none."""
    return asset != DOLLARS and asset not in MONEY
