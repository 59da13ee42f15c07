"""Paths of accounts under `/api/v1/`."""

from accounts.api import views
from core.api.slash import api_path

urlpatterns = [
    api_path("auth/register", views.Register.as_view()),
    api_path("auth/login", views.Login.as_view()),
    api_path("auth/refresh", views.Refresh.as_view()),
    api_path("auth/logout", views.Logout.as_view()),
    api_path("auth/me", views.Me.as_view()),
]
