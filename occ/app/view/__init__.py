"""Answers that change nothing: status, versions, history, comparisons."""
