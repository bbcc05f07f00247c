"""Pages are filled in safely and written as a whole."""

from dfutils import pages


def test_values_are_escaped_and_the_style_is_there(tmp_path):
    template = tmp_path / "page.html.j2"
    template.write_text("<style>{{ style | safe }}</style>{{ name }} {{ number | twice }}")
    page = pages.render(template, filters={"twice": lambda number: str(2 * number)}, name="<b>", number=4)
    assert page == f"<style>{pages.page_style()}</style>&lt;b&gt; 8"
    assert "prefers-color-scheme: dark" in pages.page_style()


def test_page_replaces_the_old_one_and_keeps_odd_names(tmp_path):
    path = tmp_path / "new" / "page.html"
    pages.write_page(path, "old")
    pages.write_page(path, "name \udcff")  # a file name that is not valid UTF-8
    assert path.read_text() == "name ?"
    assert [file.name for file in path.parent.iterdir()] == ["page.html"]
