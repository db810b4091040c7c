"""Runs: their folders, requests and events, how they are started and where they stand."""
