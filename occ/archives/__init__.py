"""The data of volumes as files: a tar compressed by zstd, and a manifest of what is in it."""
