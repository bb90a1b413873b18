# gunicorn: worker
# stderr: gateway-guard gunicorn: worker

# gunicorn.conf.py: the master tells how each worker ended, and where a worker stood that its timeout ends
from gateway_guard import child_exit, worker_abort  # noqa: F401

workers = 2  # one that dies leaves the other
timeout = 30
graceful_timeout = 10
