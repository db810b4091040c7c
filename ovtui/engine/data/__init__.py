"""Data: which rows, read from where, and what is kept of them on disk."""
