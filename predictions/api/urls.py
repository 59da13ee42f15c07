"""The paths whose replies show forecasts. The fixed ones stand before `{symbol}`, which takes all."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from rest_framework.views import APIView

from core.api import hot
from core.api.query import QuerySerializer
from core.api.slash import api_path
from predictions.api import chain, market, queries, record, registry, views


def _hot(view: type[APIView], query: type[QuerySerializer]) -> Callable[..., HttpResponseBase]:
    """Behind ready bytes, for the parameters that the view knows."""
    return hot.serve(view.as_view(), parameters=tuple(query().fields))


urlpatterns = [
    api_path("predictions/summary", _hot(views.SummaryView, queries.SummaryQuery), name="api-summary"),
    api_path(
        "predictions/track-record", _hot(record.TrackRecordView, queries.RecordQuery), name="api-track-record"
    ),
    api_path("predictions/track-record.csv", record.TrackRecordFile.as_view(), name="api-track-record-csv"),
    api_path("predictions/abstentions.csv", record.AbstentionsFile.as_view(), name="api-abstentions-csv"),
    api_path("predictions/record", hot.serve(chain.HeadView.as_view(), parameters=()), name="api-record"),
    api_path("predictions/record/links", chain.LinksView.as_view(), name="api-record-links"),
    api_path("predictions/models", registry.ModelsView.as_view(), name="api-models"),
    api_path("predictions/<str:symbol>/train", views.TrainView.as_view(), name="api-train"),
    api_path(
        "predictions/<str:symbol>", _hot(views.ForecastsView, queries.ForecastsQuery), name="api-forecasts"
    ),
    api_path("market/tokens", _hot(market.TokensView, queries.TokensQuery), name="api-tokens"),
    api_path("market/token/<str:symbol>", _hot(market.TokenView, queries.TokenQuery), name="api-token"),
]
