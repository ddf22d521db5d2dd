"""Network bricks with no task in them."""
