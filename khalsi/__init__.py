"""The roof: what the house shows as a whole. It holds no market, forecast or user knowledge."""

VERSION = "0.1.0"
