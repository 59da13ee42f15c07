"""Khalsi's settings, assembled by name: each module below owns one subject, and `env` alone reads the environment."""

from khalsi.settings.apps import *  # noqa: F403
from khalsi.settings.api import *  # noqa: F403
from khalsi.settings.auth import *  # noqa: F403
from khalsi.settings.cache import *  # noqa: F403
from khalsi.settings.database import *  # noqa: F403
from khalsi.settings.jobs import *  # noqa: F403
from khalsi.settings.live import *  # noqa: F403
from khalsi.settings.logging import *  # noqa: F403
from khalsi.settings.mail import *  # noqa: F403
from khalsi.settings.outside import *  # noqa: F403
from khalsi.settings.security import *  # noqa: F403
from khalsi.settings.sources import *  # noqa: F403
from khalsi.settings.static import *  # noqa: F403
