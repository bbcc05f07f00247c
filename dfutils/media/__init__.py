"""List and open the files of clips (videos, image files, folders of image files), and find truncated videos."""
