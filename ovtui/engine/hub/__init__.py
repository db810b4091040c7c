"""Repositories of the Hugging Face hub: what a run needs of them, fetched, and read offline."""
