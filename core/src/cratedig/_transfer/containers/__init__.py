"""One module for each family of containers; each reads a whole file and says what it holds."""
