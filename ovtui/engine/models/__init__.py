"""Models: where they come from, their files and processors, in PyTorch and compiled."""
