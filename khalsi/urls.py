"""Which app answers which path."""

from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.api.urls import urlpatterns as accounts_api
from accounts.pages.urls import urlpatterns as accounts_pages
from alerts.api.urls import urlpatterns as alerts_api
from alerts.pages.urls import urlpatterns as alert_pages
from core.api.errors import bad_request, page_not_found, permission_denied, server_error
from core.api.slash import api_path
from core.jobs.views import JobView
from core.live.polling import newest_frames
from khalsi import health
from khalsi.dashboard.urls import urlpatterns as dashboard
from khalsi.operations.metrics import metrics
from khalsi.personal_data import api as personal_data_api
from khalsi.personal_data import pages as personal_data_pages
from khalsi.routing import TOPICS
from markets.api.urls import urlpatterns as markets_api
from portfolios.api.urls import urlpatterns as portfolios_api
from portfolios.pages.urls import urlpatterns as portfolio_pages
from predictions.api.urls import urlpatterns as predictions_api
from predictions.pages.urls import urlpatterns as record_pages

api = [
    api_path("health", health.health),
    api_path("health/live", health.live),
    api_path("health/ready", health.ready),
    api_path("jobs/<int:job_id>", JobView.as_view(), name="job"),
    api_path("user", personal_data_api.Account.as_view()),
    api_path("user/export", personal_data_api.Export.as_view()),
    *accounts_api,
    *alerts_api,
    *portfolios_api,
    *predictions_api,
    *markets_api,
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("health", health.health),
    path("metrics", metrics, name="metrics"),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("live/frames", newest_frames(TOPICS), name="live-frames"),
    path("favicon.ico", lambda request: redirect(static("img/khalsi.svg"))),  # for pages that name none
    *accounts_pages,
    path("account/data", personal_data_pages.data, name="account-data"),
    path("account/data/export", personal_data_pages.export, name="account-export"),
    *alert_pages,
    *portfolio_pages,
    *record_pages,
    *dashboard,
]

handler400, handler403, handler404, handler500 = bad_request, permission_denied, page_not_found, server_error
