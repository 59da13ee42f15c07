"""What engines see of a token at a moment: ratios to its own scale, from candles closed by then."""
