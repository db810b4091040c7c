"""Text: what comes from outside made safe, fitted to cells, numbers with units, errors."""
