"""A real kernel in the chapters folder of a course, and what its cells showed."""

import time
from dataclasses import dataclass, field

from small_course import Course, environment


@dataclass
class Shown:
    """What a cell showed."""

    text: str = ""  # streams and plain text of displays, in order
    html: str = ""
    error: str = ""  # the name of an error with a traceback
    next_input: str = ""  # what the kernel asked the front end to put into the cell
    status: str = ""
    widgets: list[str] = field(default_factory=list)


class Kernel:
    """A real kernel in the chapters folder of a course."""

    def __init__(self, course: Course, **more: str):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(connection_file=str(course.folder.parent / f"kernel-{time.monotonic_ns()}.json"))
        self.manager.start_kernel(cwd=str(course.folder / "chapters"), env=environment(course.folder, **more))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=90)

    def load(self) -> Shown:
        return self.run("%load_ext mi_tutor")

    def exercise(self, name: str, code: str, options: str = "") -> Shown:
        return self.run(f"%%exercise small.{name} {options}\n{code}")

    def run(self, code: str, *, interrupt_after: float | None = None, timeout: float = 90) -> Shown:
        """Execute a cell; `interrupt_after` seconds a real SIGINT goes to the kernel."""
        import queue

        request = self.client.execute(code)
        shown, end = Shown(), time.monotonic() + timeout
        interrupt_at = None if interrupt_after is None else time.monotonic() + interrupt_after
        while time.monotonic() < end:
            if interrupt_at is not None and time.monotonic() > interrupt_at:
                self.manager.interrupt_kernel()
                interrupt_at = None
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if self._take(message, shown):
                break
        else:
            raise AssertionError(f"the cell did not end; so far it showed:\n{shown.text[:2000]}")
        reply = self.client.get_shell_msg(timeout=30)
        while reply["parent_header"].get("msg_id") != request:
            reply = self.client.get_shell_msg(timeout=30)
        shown.status = reply["content"]["status"]
        for payload in reply["content"].get("payload", []):
            if payload.get("source") == "set_next_input":
                shown.next_input = payload["text"]
        return shown

    @staticmethod
    def _take(message, shown: Shown) -> bool:
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            shown.text += content["text"]
        elif kind in ("display_data", "execute_result"):
            shown.text += content["data"].get("text/plain", "") + "\n"
            shown.html += content["data"].get("text/html", "")
            if "application/vnd.jupyter.widget-view+json" in content["data"]:
                shown.widgets.append(content["data"].get("text/plain", ""))
        elif kind == "error":
            shown.error = content["ename"]
            shown.text += content["evalue"]
        return kind == "status" and content["execution_state"] == "idle"

    def restart(self) -> None:
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=90)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
