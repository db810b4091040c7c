"""Questions beside a run: an own input, an ignored scope, the devices that are there."""
