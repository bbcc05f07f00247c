import pytest
from click.testing import CliRunner


@pytest.fixture
def run_cli():
    """A function that runs `dfutils WORDS` in this process and returns click's result."""
    from dfutils.cli import main

    def run(*words):
        return CliRunner().invoke(main, [str(word) for word in words])

    return run
