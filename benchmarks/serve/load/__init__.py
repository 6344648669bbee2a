"""Load on a server from one client process: WebSocket streams of many gloves, and repeated HTTP requests."""
