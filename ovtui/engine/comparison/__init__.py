"""What two answers are compared by: texts without case, vectors by their angle, numbers."""
