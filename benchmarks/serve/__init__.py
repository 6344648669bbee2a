"""`scaleglove bench serve`: the service under load, beside the plain way of writing one."""
