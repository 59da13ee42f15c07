"""Numbers to SVG text. Colours come from style sheets by class, so figures follow the reader's theme."""
