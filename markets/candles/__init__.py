"""Candles as arrays: their intervals, their gaps, coarser ones from finer ones, and folders of candle files.

Pure arithmetic and files: no Django, no network, no clock.
"""
