"""Speed, memory and executed precision: in fresh processes, under the machine's lock."""
