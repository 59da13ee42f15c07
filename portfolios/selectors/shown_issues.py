"""Data issues and share links as the contract words them."""

from typing import TypedDict

from core.lib.clock import iso
from core.lib.decimals import trimmed
from portfolios.models import ShareLink, Transaction
from portfolios.selectors.issues import Issue


class EndShown(TypedDict):
    transaction_id: str
    portfolio_id: str
    portfolio: str
    executed_at: str
    quantity: str


class SuggestionShown(TypedDict):
    departure: EndShown
    arrival: EndShown
    lost: str


class IssueShown(TypedDict):
    kind: str
    subject: str
    title: str
    meaning: str
    asset: str
    transaction_id: str | None
    connection_id: str | None
    actions: list[str]
    suggestion: SuggestionShown | None
    is_left: bool


class LinkShown(TypedDict):
    id: str
    note: str
    made_at: str
    ends_at: str
    ended_at: str | None


def issue_shown(issue: Issue) -> IssueShown:
    pair = issue.suggestion
    return {
        "kind": issue.kind.value,
        "subject": issue.subject,
        "title": issue.title,
        "meaning": issue.meaning,
        "asset": issue.asset,
        "transaction_id": str(issue.transaction.pk) if issue.transaction else None,
        "connection_id": str(issue.connection.pk) if issue.connection else None,
        "actions": [action.value for action in issue.actions],
        "suggestion": {
            "departure": _end(pair.departure),
            "arrival": _end(pair.arrival),
            "lost": trimmed(pair.lost),
        }
        if pair
        else None,
        "is_left": issue.is_left,
    }


def _end(row: Transaction) -> EndShown:
    return {
        "transaction_id": str(row.pk),
        "portfolio_id": str(row.portfolio_id),
        "portfolio": row.portfolio.name,
        "executed_at": iso(row.executed_at),
        "quantity": trimmed(row.quantity),
    }


def link_shown(link: ShareLink) -> LinkShown:
    return {
        "id": str(link.pk),
        "note": link.note,
        "made_at": iso(link.made_at),
        "ends_at": iso(link.ends_at),
        "ended_at": iso(link.ended_at) if link.ended_at else None,
    }
