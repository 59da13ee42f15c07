"""To the second, by 24 hours, and with their zone: the staff site shows UTC to everybody."""

TIME_FORMAT = r"H:i:s \U\T\C"
DATETIME_FORMAT = r"j M Y H:i:s \U\T\C"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
