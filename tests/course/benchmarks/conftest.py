"""What benchmarks print: in the proof's closing tables, or at once under plain pytest."""

import pytest


@pytest.fixture
def tell(request, record_property, capsys):
    """`tell(text)` prints a line of a benchmark's table."""

    def say(text: str = "") -> None:
        if request.config.pluginmanager.hasplugin("mi_tutor_proof_steps"):
            record_property("table", text)
        else:
            with capsys.disabled():
                print(text)

    say()
    return say
