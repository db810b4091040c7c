"""A run from its request to its result: its stages, what each depends on, how each is done."""
