# --- celery: jobs that fail and pool processes that vanish (causes 1, 4 and 6) ---


def watch_celery() -> None:
    """Tells of failed jobs, lost pool processes and stops. Call it where the Celery application is made."""
    from importlib import import_module

    signals = import_module("celery.signals")

    for name, tells in (("task_failure", _job_failed), ("worker_process_shutdown", _pool_process_ended),
                        ("worker_shutting_down", _celery_stops), ("task_revoked", _job_revoked)):
        getattr(signals, name).connect(tells, weak=False)


def _job_failed(sender: Any = None, task_id: Any = None, exception: Any = None, **_: Any) -> None:
    name = getattr(sender, "name", sender)
    tell("ERROR", "celery", "job %s[%s] failed: %s" % (name, task_id, _error_text(exception)))


def _pool_process_ended(pid: Any = None, exitcode: Any = None, **_: Any) -> None:
    tell("INFO" if not exitcode else "ERROR", "celery", "pool process %s ends with code %s" % (pid, exitcode))


def _celery_stops(sig: Any = None, how: Any = None, exitcode: Any = None, **_: Any) -> None:
    tell("WARNING", "celery", "the worker stops: %s shutdown by %s, code %s" % (how, sig, exitcode))


def _job_revoked(sender: Any = None, terminated: Any = None, signum: Any = None, **_: Any) -> None:
    if terminated:
        tell("WARNING", "celery", "job %s was ended by signal %s" % (getattr(sender, "name", sender), signum))
