"""Accuracy of each variant, and samples of what it says."""
