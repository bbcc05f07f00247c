import nbformat

from dfutils.editions.links import link_documents_next_to, remove_badges, remove_documents


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


def test_documents_are_linked_next_to_the_notebook_or_not_at_all():
    text = "# Title\n\nAll terms are in the [glossary](../docs/glossary.md).\n\nMore."
    cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell("x = '../docs/glossary.md'")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    link_documents_next_to(notebook)
    assert "[glossary](glossary.md)" in notebook.cells[0].source
    notebook.cells[0].source = text
    remove_documents(notebook)
    assert notebook.cells[0].source.split() == ["#", "Title", "More."]
    assert notebook.cells[1].source == "x = '../docs/glossary.md'"
