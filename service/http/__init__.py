"""HTTP below the routes: limits of the protocol, request bodies, security headers, OpenAPI entries."""
