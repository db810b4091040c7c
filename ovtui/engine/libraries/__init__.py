"""What is used of other libraries without their promise, or changed in them: a list of it all."""
