"""Open the files of clips: which kind they are, stills, pictures, containers, and whether they are whole."""
