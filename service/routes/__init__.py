"""HTTP and WebSocket routes: each parses a request, calls one part of the service and responds."""
