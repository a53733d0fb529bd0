"""The resolved model of Compose as services of ours, and as sentences on what they cannot say."""
