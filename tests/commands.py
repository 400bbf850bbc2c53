"""Runs commands of `siting` within the test, as the terminal would."""

from typer.testing import CliRunner

from siting.cli.app import app


def siting(*arguments):
    """The result of a command; `output` holds standard output and standard error."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def failing(code, *arguments):
    """The output, in one line, of a command that must end with `code` and without a traceback."""
    result = siting(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())
