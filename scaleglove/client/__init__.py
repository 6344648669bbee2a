"""What talks to the service over the wire: the Python client and the live page."""
