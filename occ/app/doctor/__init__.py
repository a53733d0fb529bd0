"""Doctor: the checks, one file a subject. Each check yields findings and touches nothing."""
