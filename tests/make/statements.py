"""Small files as exchanges and trackers write them, made by hand after their columns."""
# ruff: noqa: E501  a line of a file is a line

from portfolios.statements.outcomes import Draft, Ignored, Outcome, Rejected, Terms
from portfolios.statements.statement import open_file, statement

BINANCE_TRADES = """\
"Date(UTC)","Pair","Side","Price","Executed","Amount","Fee"
"2026-01-05 10:00:00","SOLUSDT","BUY","150.5","2SOL","301USDT","0.002SOL"
"26-01-06 11:30:05","1INCHUSDT","SELL","0.4","10001INCH","4,000.4USDT","0.01BNB"
"""
BINANCE_LEDGER = """\
User_ID,UTC_Time,Account,Operation,Coin,Change,Remark
1,2026-01-05 10:00:00,Spot,Deposit,SOL,5,
1,2026-01-05 10:01:00,Spot,Transaction Buy,SOL,2,
1,2026-01-05 10:01:00,Spot,Transaction Spend,USDT,-301,
1,2026-01-05 10:01:00,Spot,Transaction Fee,BNB,-0.001,
1,2026-01-05 10:02:00,Spot,Simple Earn Flexible Interest,SOL,1E-8,
1,2026-01-05 10:03:00,Spot,Simple Earn Flexible Subscription,SOL,-1,
1,2026-01-05 10:04:00,Spot,Withdraw,SOL,-1,Withdraw fee is included
"""
COINBASE = """\

Transactions
User,alice,5a
ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes
a1,2026-01-05 10:00:00 UTC,Buy,SOL,2,USD,$150.00,$300.00,$302.99,$2.99,Bought 2 SOL for 302.99 USD
a2,2026-01-05 11:00:00 UTC,Advanced Trade Sell,SOL,-1,USD,$151.00,"$1,151.00",$1150.00,$1.00,Sold 1 SOL for 1150.5 USDC on SOL-USDC at 1151 USDC/SOL
a3,2026-01-05 12:00:00 UTC,Staking Income,SOL,0.01,USD,$150.00,$1.50,$1.50,$0.00,
a4,2026-01-05 13:00:00 UTC,Send,SOL,-0.5,USD,$150.00,$75.00,$75.00,$0.00,Sent 0.5 SOL
a5,2026-01-05 14:00:00 UTC,Convert,SOL,-1,USD,$150.00,$150.00,$151.00,$1.00,Converted 1 SOL to 149.9 USDC
a6,2026-01-05 15:00:00 UTC,Deposit,USD,500,USD,$1.00,$500.00,$500.00,$0.00,
"""
KRAKEN_LEDGERS = """\
"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
"L1","T1","2026-01-05 10:00:00","trade","","currency","ZEUR",-300.0000,0.7800,0
"L2","T1","2026-01-05 10:00:00","trade","","currency","SOL",2.0000000000,0.0000000000,2
"L3","D1","2026-01-05 11:00:00","deposit","","currency","XXBT",0.5000000000,0,0.5
"","W1","2026-01-05 12:00:00","withdrawal","","currency","SOL",-1.0,0.01,1
"L4","W1","2026-01-05 12:00:00","withdrawal","","currency","SOL",-1.0,0.01,1
"L5","S1","2026-01-05 13:00:00","staking","","currency","SOL.S",0.0100000000,0,1
"""
KRAKEN_TRADES = """\
"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"
"T1","O1","SOLEUR","2026-01-05 10:00:00.1234","buy","limit",150.0,300.0000,0.7800,2.00000000,0.0,"","L1,L2"
"T2","O2","XXBTZUSD","2026-01-06 10:00:00","sell","limit",100000.0,50000.0,80.0,0.5,0.0,"","L3,L4"
"""
KUCOIN_ORDERS = """\
UID,Account Type,Order ID,Symbol,Side,Order Type,Avg. Filled Price,Filled Amount,Filled Volume,Filled Volume (USDT),Filled Time(UTC+08:00),Fee,Tax,Maker/Taker,Fee Currency
7,mainAccount,o1,SOL-USDT,BUY,LIMIT,150,2,300,300,2026-01-05 18:00:00,0.3,,MAKER,USDT
7,mainAccount,o2,SOL-USDT,SELL,LIMIT,150,0,0,0,2026-01-05 18:00:00,0,,MAKER,USDT
"""
KUCOIN_TRANSFERS = """\
UID,Account Type,Time(UTC),Coin,Amount,Fee,Hash,Withdrawal Address/Account,Transfer Network,Status,Remarks
7,mainAccount,2026-01-05 10:00:00,SOL,2,0.01,h1,addr,SOL,SUCCESS,
7,mainAccount,2026-01-05 10:00:00,SOL,2,0.01,h2,addr,SOL,FAILURE,
"""
COINTRACKING = """\
"Type","Buy","Cur.","Sell","Cur.","Fee","Cur.","Exchange","Group","Comment","Date","Tx-ID"
"Trade","2.00000000","SOL","300.00","USD","1.00","USD","Kraken","","","05.01.2026 10:00:00","t1"
"Staking","0.01","SOL","-","","-","","Kraken","","monthly","05.01.2026 11:00","t2"
"Withdrawal","-","","1","SOL","","","Kraken","","","05.01.2026 12:00","t3"
"""
KOINLY = """\
Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,Net Worth Amount,Net Worth Currency,Label,Description,TxHash
2026-01-05 10:00:00 UTC,300,USD,2,SOL,1,USD,,,,,h1
2026-01-05 11:00 UTC,,,0.01,SOL,,,1.5,USD,reward,staked,h2
2026-01-05 12:00 UTC,1,SOL,,,0.01,SOL,,,,,h3
2026-01-05 13:00 UTC,1,SOL,150,USDC,,,150.5,USD,,,h4
"""
SAMPLES = {
    "binance_trades": BINANCE_TRADES,
    "binance_ledger": BINANCE_LEDGER,
    "coinbase": COINBASE,
    "kraken_ledgers": KRAKEN_LEDGERS,
    "kraken_trades": KRAKEN_TRADES,
    "kucoin_orders": KUCOIN_ORDERS,
    "kucoin_transfers": KUCOIN_TRANSFERS,
    "cointracking": COINTRACKING,
    "koinly": KOINLY,
}


def read(text: str | bytes, preset: str = "", terms: Terms | None = None, columns=None) -> list[Outcome]:
    data = text.encode() if isinstance(text, str) else text
    return list(statement(open_file(data), preset, columns).outcomes(terms or Terms()))


def drafts(*about, **options) -> list[Draft]:
    """Of a file without a rejected row."""
    found = read(*about, **options)
    assert [one for one in found if isinstance(one, Rejected)] == []
    return [one for one in found if isinstance(one, Draft)]


def ignored(found: list[Outcome]) -> list[int]:
    return [one.line for one in found if isinstance(one, Ignored)]


def rejected(found: list[Outcome]) -> list[Rejected]:
    return [one for one in found if isinstance(one, Rejected)]
