"""What doctor looks at, one file a subject; each check yields findings and touches nothing."""
