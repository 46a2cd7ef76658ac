"""An element whose content a hand-written ES module draws: canvases, graphs and editors."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.awaitable_response import AwaitableResponse

from openracer.console.assets import asset

_WRAPPER = Path(__file__).parent / "static" / "module_view.js"


class ModuleView(ui.element, component=_WRAPPER):
    """What ``mount(element, options, emit)`` of a module in ``openracer/console/static`` makes of an element.

    What the module tells with ``emit("name", value)`` arrives as ``view.on("name", handler)``. Methods that are called
    before the browser has mounted it are lost; ``ready`` tells when it has.

    Args:
        module: file name, for example ``reward_graph.js``.
        options: for the module, as JSON can hold them.
    """

    def __init__(self, module: str, options: Mapping[str, Any]) -> None:
        super().__init__()
        self._props["source"] = asset(module)
        self._options = dict(options)
        self._tell_options()

    def change(self, **options: Any) -> None:
        """Change some of the options; the module's ``update(options)`` gets all of them."""
        if any(self._options.get(name) != value for name, value in options.items()):
            self._options.update(options)
            self._tell_options()
            self.update()

    def _tell_options(self) -> None:
        # As text, because NiceGUI would watch each of a track's points for changes.
        self._props["options"] = json.dumps(self._options, ensure_ascii=False, separators=(",", ":"))

    def run(self, name: str, *values: Any) -> AwaitableResponse:
        """Call a method of what the module mounted; await the result where it is wanted."""
        return self.run_method("call", name, *values)
