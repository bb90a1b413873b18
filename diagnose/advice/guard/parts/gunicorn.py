# --- gunicorn: hooks for its master, which alone sees how a worker ended (causes 1 and 4) ---
# gunicorn -c python:gateway_guard, or in your gunicorn.conf.py: from gateway_guard import child_exit, worker_abort


def child_exit(server: Any, worker: Any) -> None:
    """Called in the master when a worker is gone: tells its code or signal, which gunicorn 20 keeps to itself."""
    try:
        status = sys._getframe(1).f_locals.get("status")  # gunicorn hands it to nobody
        if not isinstance(status, int):
            tell("WARNING", "gunicorn", "worker %s is gone" % worker.pid)
            return
        level, how = _how_ended(status)
        tell(level, "gunicorn", "worker %s %s" % (worker.pid, how))
    except Exception:
        _state.counts["guard_errors"] += 1


def _how_ended(status: int) -> tuple[str, str]:
    """The level and the words for a status of waitpid."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name
        if number == signal.SIGKILL:
            return "CRITICAL", "was killed by SIGKILL: by the kernel for memory, by gunicorn's timeout, or by hand"
        return ("INFO" if number in (signal.SIGTERM, signal.SIGINT) else "CRITICAL"), "was ended by %s" % name
    code = os.WEXITSTATUS(status)
    return ("INFO" if code == 0 else "ERROR"), "exited with code %d" % code


def worker_abort(worker: Any) -> None:
    """Called in a worker that gunicorn's timeout ends: tells where it stood."""
    dump("gunicorn ends worker %s: it has not answered in its timeout" % worker.pid)
