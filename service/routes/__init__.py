"""HTTP and WebSocket routes: each module parses a request, calls one thing and answers."""
