"""What holds for every test."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_user(tmp_path_factory):
    """Travel that no run folder keeps goes to a temporary cache, not to that of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
