"""The WSGI entrance: HTTP in the distributed form."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khalsi.settings")

from django.core.wsgi import get_wsgi_application

django: Any = get_wsgi_application()

from core.api.hot import in_front_wsgi  # noqa: E402  it needs Django's apps
from core.api.metered import metered_wsgi  # noqa: E402

application = metered_wsgi(in_front_wsgi(django))
