"""Real parts for tests: private engines, a registry, service images that misbehave on purpose."""
