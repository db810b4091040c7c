"""Files: read with bounds, written whole, checked against structures, locked."""
