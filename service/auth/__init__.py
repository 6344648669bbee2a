"""Authentication and authorisation: tokens, roles, origins, quotas and rate limits."""
