"""The command `dfutils app`: judge files in the browser."""

import click

from dfutils.cli.base import Command


@click.command(
    "app", cls=Command, example="dfutils app\ndfutils app --model data/demo/models/best --port 8000"
)
@click.option(
    "--model", "models", multiple=True, help="A detector's folder. Default: those of all workspaces."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on. 0.0.0.0 lets other computers in.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free one from 7860 on.")
@click.option(
    "--megabytes", type=click.IntRange(1), default=200, show_default=True, help="The largest upload."
)
@click.option("--seconds", type=click.IntRange(1), default=600, show_default=True, help="The longest video.")
def app_command(models: tuple[str, ...], host: str, port: int | None, megabytes: int, seconds: int) -> None:
    """Open a page in which people drop a video or a picture and get a verdict.

    Only this computer can reach the page, unless --host says otherwise. Uploads are removed, and nothing is sent
    anywhere. It needs Gradio: pip install 'dfutils[app]'.
    """
    from dfutils.detection.choice import all_detectors
    from dfutils.detection.web_app import serve
    from dfutils.training import load_detector

    for model in models:
        load_detector(model)  # a wrong folder is named now, and not to the first visitor
    serve(models or all_detectors(), host=host, port=port, megabytes=megabytes, longest=seconds)
