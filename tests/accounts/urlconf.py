"""The paths of accounts alone, with a place to come home to."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.api import urls as api
from accounts.pages import urls as pages


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


urlpatterns = [
    path("", home, name="home"),
    path("", include(pages)),
    path("api/v1/", include(api)),
    path("admin/", admin.site.urls),
]
