"""Paths of accounts under `/api/v1/`."""

from accounts.api import api_keys, recovery, second_factor, security, sessions, views
from core.api.slash import api_path

urlpatterns = [
    api_path("auth/register", views.Register.as_view()),
    api_path("auth/login", views.Login.as_view()),
    api_path("auth/refresh", views.Refresh.as_view()),
    api_path("auth/logout", views.Logout.as_view()),
    api_path("auth/logout-all", sessions.LogoutAll.as_view()),
    api_path("auth/sessions", sessions.Sessions.as_view()),
    api_path("auth/sessions/<uuid:session_id>", sessions.OneSession.as_view()),
    api_path("auth/me", views.Me.as_view()),
    api_path("auth/totp/enable", second_factor.EnableTotp.as_view()),
    api_path("auth/totp/confirm", second_factor.ConfirmTotp.as_view()),
    api_path("auth/totp/disable", second_factor.DisableTotp.as_view()),
    api_path("auth/totp/recovery-codes", second_factor.RenewRecoveryCodes.as_view()),
    api_path("auth/api-keys", api_keys.ApiKeys.as_view()),
    api_path("auth/api-keys/<uuid:key_id>", api_keys.OneApiKey.as_view()),
    api_path("auth/verify-email", recovery.VerifyEmail.as_view()),
    api_path("auth/resend-verification", recovery.ResendVerification.as_view()),
    api_path("auth/password/forgot", recovery.ForgotPassword.as_view()),
    api_path("auth/password/reset", recovery.ResetPassword.as_view()),
    api_path("auth/email/change", security.ChangeEmail.as_view()),
    api_path("auth/password/change", security.ChangePassword.as_view()),
]
