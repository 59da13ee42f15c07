"""What staff and monitoring see of the running whole: the page in the staff site, and `GET /metrics`."""
