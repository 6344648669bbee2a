"""How long a frame takes from the glove's port to the service, and what that costs."""
