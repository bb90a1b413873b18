# --- heartbeat: a silent log and a dead service are two things ---


def vitals() -> str:
    """One line of how the process is."""
    texts = ["up %.0f s" % (time.monotonic() - _state.started), "pid %d" % os.getpid(),
             "%d threads" % threading.active_count()]
    if _state.loops:
        texts.append("%d tasks" % len(_all_tasks()))
    for name, value in _gauges():
        is_size = name.endswith("_bytes")
        texts.append("%s %.0f MiB" % (name[:-6], value / (1 << 20)) if is_size else "%s %.3g" % (name, value))
    texts += ["%s %d" % item for item in sorted(_state.counts.items()) if item[1]]
    problems = "; ".join(_problems().values())
    return ", ".join(texts) + ("; PROBLEMS: " + problems if problems else "")


def _beat() -> float:
    pause = setting("HEARTBEAT", 60.0)
    if pause <= 0:
        return 60.0
    now = time.monotonic()
    if _beats and now >= _beats[0]:
        tell("INFO", "heartbeat", vitals())
    if not _beats or now >= _beats[0]:
        _beats[:] = [now + pause]
    return max(0.05, _beats[0] - now)


_beats: list[float] = []
if _is_first:
    _every(_beat)
