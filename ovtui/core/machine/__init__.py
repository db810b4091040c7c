"""This machine: what it has, its devices, and whose turn it is."""
