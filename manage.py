#!/usr/bin/env python
"""Django's entry point; a setting that cannot work is told in one sentence, without a traceback."""

import os
import sys

# More than one thread in the numerical libraries only makes two busy cores slower; must be set before numpy loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khalsi.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Khalsi cannot start. {error}")


if __name__ == "__main__":
    main()
