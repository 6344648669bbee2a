"""The streams and models of all workers of a service, behind one interface."""
