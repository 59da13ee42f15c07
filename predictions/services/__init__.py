"""What changes the record: forecasts made, published and scored, engines trained and promoted."""
