"""The ways to targets: a webhook, plain text, a command, and what apprise reaches."""
