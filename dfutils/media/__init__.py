"""Opening files: which kind they are, stills, pictures, containers, truncation."""
