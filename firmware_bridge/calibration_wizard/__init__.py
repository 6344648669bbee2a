"""A wearer shows her letters, and the service makes a profile of them."""
