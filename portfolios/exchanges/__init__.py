"""Users' accounts at exchanges, read and never acted upon. `base` says what each must answer."""
