"""Starts a console for the browser tests: ``python serve.py PORT``."""

import sys

import uvicorn

from openracer import service
from openracer.console.app import create_app
from openracer.service.jobs import JobQueue


def main() -> None:
    queue = JobQueue()
    queue.start()
    service.set_current_queue(queue)
    try:
        uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
    finally:
        queue.close()


if __name__ == "__main__":
    main()
