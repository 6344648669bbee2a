"""What needs all workers of a service, behind one small interface."""
