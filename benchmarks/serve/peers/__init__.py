"""Servers that stand beside the service in `bench serve`, each a process of its own."""
