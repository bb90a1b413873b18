# --- watchdog: an event loop that stands still is told, with the line that holds it (cause 2) ---


class _LoopState:
    """How one event loop answers: the guard's thread asks it to run a function, once a second."""

    def __init__(self) -> None:
        self.thread = 0
        self.asked = 0.0
        self.waiting = False
        self.told = False


def watch_loop(loop: Any = None) -> None:
    """Watches an event loop; the running one. Only needed where the guard does not find it by itself."""
    import asyncio

    loop = loop or asyncio.get_running_loop()
    if loop not in _state.loops:
        _state.loops[loop] = _LoopState()


def _watch_loops() -> float:
    limit = setting("STALL", 5.0)
    pause = min(1.0, limit / 4)
    now = time.monotonic()
    late = now - _watched_at[0] if _watched_at else 0.0
    _watched_at[:] = [now + pause]
    if late > max(2.0, limit / 2):
        # Not the loop's doing: this thread did not run either.
        text = "the whole process stood still for %.1f s: paused, without CPU, or C code kept the interpreter's lock"
        tell("WARNING", "watchdog", text % late)
        for state in _state.loops.values():
            state.asked = now
    _find_loops()
    for loop, state in list(_state.loops.items()):
        _watch_loop(loop, state, now, limit)
    return pause


def _watch_loop(loop: Any, state: _LoopState, now: float, limit: float) -> None:
    if loop.is_closed() or not loop.is_running():
        state.waiting = False
        return
    if not state.waiting:
        state.waiting, state.asked = True, now
        loop.call_soon_threadsafe(_answer, loop, state)
    elif now - state.asked >= limit and not state.told:
        state.told = True
        frame = sys._current_frames().get(state.thread)
        stands = _chain_text(_thread_frames(frame)) if frame is not None else "nowhere"
        tell("CRITICAL", "watchdog", "the event loop has stood still for %.1f s at %s" % (now - state.asked, stands))
        dump("what the threads and tasks did meanwhile")


def _answer(loop: Any, state: _LoopState) -> None:
    """Runs in the loop: it turns."""
    took = time.monotonic() - state.asked
    state.thread = threading.get_ident()
    state.waiting = False
    if state.told:
        state.told = False
        tell("WARNING", "watchdog", "the event loop goes on after %.1f s" % took)
    for look in _state.in_loop:
        try:
            look(loop)
        except Exception:
            _state.counts["guard_errors"] += 1


def _find_loops() -> None:
    """Finds running loops by the frames that run them, uvloop's by their tasks: a service need not name them."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not hasattr(asyncio, "all_tasks"):
        return
    frame: Any
    for ident, frame in sys._current_frames().items():
        while frame is not None:
            code = frame.f_code
            if code.co_name == "run_forever" and code.co_filename.endswith("base_events.py"):
                loop = frame.f_locals.get("self")
                if loop is not None:
                    _state.loops.setdefault(loop, _LoopState()).thread = ident
            frame = frame.f_back
    if "uvloop" in sys.modules:
        known: Any = getattr(asyncio.tasks, "_scheduled_tasks", None) or getattr(asyncio.tasks, "_all_tasks", ())
        for task in list(known):
            _state.loops.setdefault(task.get_loop(), _LoopState())


def _stalled() -> str:
    """What health answers for a loop that cannot: where it stands."""
    now = time.monotonic()
    for state in list(_state.loops.values()):
        if state.waiting and now - state.asked >= setting("STALL", 5.0):
            frame = sys._current_frames().get(state.thread)
            stands = _chain_text(_thread_frames(frame)) if frame is not None else "nowhere"
            return "the event loop has stood still for %.1f s at %s" % (now - state.asked, stands)
    return ""


_watched_at: list[float] = []
if _is_first:
    _every(_watch_loops)
    _state.problems["watchdog"] = _stalled
    if "asyncio" in sys.modules:
        try:
            watch_loop()
        except RuntimeError:
            pass  # none runs yet
