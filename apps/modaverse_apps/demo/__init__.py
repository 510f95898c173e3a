"""The demo: a chat in the browser, on this machine only. Gradio is imported when it is served."""

from modaverse_apps.demo.server import launch, serve

__all__ = ["launch", "serve"]
