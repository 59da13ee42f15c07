"""What a back-test shows: its table, its plots, and the page that holds them."""
