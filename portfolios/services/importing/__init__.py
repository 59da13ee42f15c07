"""Files of transactions into a portfolio: uploaded, checked, run, undone. Each step can be cut off and begun again."""
