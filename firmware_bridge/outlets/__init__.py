"""Where letters go beside the service: each module is one outlet, an optional extra of the package."""
