"""Clients of market sources. In each, fetching and parsing are apart: parsing is pure, tested on recordings.

`base` says what a source must answer; a new one copies its nearest neighbour and enters
`khalsi/settings/sources.py`.
"""
