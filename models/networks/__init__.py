"""Networks: the mission's four, the served variant, and their normaliser."""
