"""Recipes: what they may say, whether it fits together, where they and models are found."""
