"""What makes forecasts: climatology (the baseline), the rule formula, gradient boosting; all keep `base`'s
promise.
"""
