#!/usr/bin/env python
"""Django's entry point; Ctrl-C and a setting that cannot work end it without a traceback."""

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
    except KeyboardInterrupt:
        # Ctrl-C is how a server is stopped, at whatever moment; other work it cuts short.
        sys.exit(0 if sys.argv[1:2] == ["serve"] else 130)


if __name__ == "__main__":
    main()
