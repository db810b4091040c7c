"""Families of transformers: tiny random ones, converted and compared with transformers itself.

`python -m tests.families` tries all of them, in minutes, and prints a table of what works.
"""
