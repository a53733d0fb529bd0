"""The command line, over an app that is written by hand."""
