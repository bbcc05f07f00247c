"""Short titles of notebooks for links and tables."""


def short_title(stem: str) -> str:
    """Return a short title from a notebook's file name: `04 GRU training` for `04_gru_training`."""
    number, _, words = stem.partition("_")
    words = words.replace("_", " ").capitalize().replace("Gru", "GRU")
    return f"{number} {words}"
