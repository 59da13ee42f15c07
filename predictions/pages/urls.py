"""Where the pages of this app are."""

from django.urls import path

from predictions.pages.definitions import definitions
from predictions.pages.engines import engines_page
from predictions.pages.forecasts import forecast_page, forecasts_page
from predictions.pages.record import daily_heads, link_head, link_rows, record_page
from predictions.pages.track_record import track_record_page

urlpatterns = [
    path("track-record", track_record_page, name="track-record"),
    path("forecasts", forecasts_page, name="forecasts"),
    path("forecasts/<int:forecast_id>", forecast_page, name="forecast"),
    path("record", record_page, name="record"),
    path("record/heads.csv", daily_heads, name="record-heads"),
    path("record/links/<int:position>/rows.txt", link_rows, name="record-rows"),
    path("record/links/<int:position>/head.txt", link_head, name="record-head"),
    path("engines", engines_page, name="engines"),
    path("definitions", definitions, name="definitions"),
]
