"""A real browser."""

import shutil

import pytest


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window. Tests are skipped if it is not installed."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def check_page(browser):
    """A function that opens an address on two screens, and checks that it can be read: `check_page(url)`.

    The screens are a wide light one and a narrow dark one. No request leaves the computer, nothing is wider than the
    screen, and axe-core finds nothing serious. `then(page)` is called first; by default, it opens all details.
    """
    from axe_playwright_python.sync_playwright import Axe

    def open_details(page):
        for summary in page.query_selector_all("summary"):
            summary.click()

    def check(url, then=open_details):
        for width, scheme in ((1280, "light"), (390, "dark")):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
            )
            page = context.new_page()
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(url)
            then(page)
            found = Axe().run(page).response["violations"]
            assert not [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            here = ("file:", "data:", "blob:", "http://127.0.0.1:")
            assert [address for address in asked if not address.startswith(here)] == []
            context.close()

    return check
