import nbformat

from dfutils.editions.badges import remove_badges


def test_badges_are_removed_and_other_links_and_pictures_are_kept():
    kept = "# Title\n\n[a link](https://example.com) ![a picture](images/a.jpg)\n"
    badges = (
        "[![Colab](https://example.com/badge.svg)](https://example.com) [![Kaggle](https://b)](https://c)\n\n"
    )
    cells = [nbformat.v4.new_markdown_cell(f"{kept}\n{badges}More."), nbformat.v4.new_code_cell(badges)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    remove_badges(notebook)
    assert notebook.cells[0].source == f"{kept}\nMore."
    assert notebook.cells[1].source == badges
