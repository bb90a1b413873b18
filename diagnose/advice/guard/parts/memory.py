# --- memory: the slope before the kernel's kill, which itself can be told by nobody inside (cause 1) ---

_MEBIBYTE = 1 << 20


def _read(path: str) -> str:
    """The text of a small file of the kernel, "" where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(65536).decode("ascii", "replace")
    except OSError:
        return ""


def _number(path: str) -> int:
    text = _read(path).strip()
    return int(text) if text.isdigit() else -1


class _Cgroup:
    """The files of the cgroup that limits this process' memory, version 1 or 2; folder is "" where none does."""

    def __init__(self, own: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> None:
        self.folder = ""
        self.limit = 0  # bytes; 0 = none
        self.usage, self.inactive = "/memory.current", "\ninactive_file "
        for line in _read(own).splitlines():
            number, names, path = line.split(":", 2)
            if number == "0" and os.path.exists(root + "/cgroup.controllers"):
                self._find(root, path, "/memory.max")
            elif "memory" in names.split(","):
                self.usage, self.inactive = "/memory.usage_in_bytes", "\ntotal_inactive_file "
                self._find(root + "/memory", path, "/memory.limit_in_bytes")

    def _find(self, root: str, path: str, name: str) -> None:
        """The tightest limit from the process' own group up to the root. In a container the own one is the root."""
        folder = root + path.rstrip("/")
        folder = folder if os.path.isdir(folder) else root
        while len(folder) >= len(root):
            limit = _number(folder + name)
            if -1 < limit < (self.limit or 1 << 60):
                self.limit, self.folder = limit, folder
            folder = folder.rpartition("/")[0]

    def used(self) -> int:
        """Bytes that the kernel cannot just drop: files on tmpfs and child processes count, page cache does not."""
        usage = _number(self.folder + self.usage)
        if usage > self.limit // 2:
            rest = _read(self.folder + "/memory.stat").partition(self.inactive)[2]
            usage -= int(rest.partition("\n")[0] or 0)
        return max(0, usage)

    def kills(self) -> int:
        """How many processes of the group the kernel has killed for memory so far; -1 = it does not say."""
        text = "\n" + _read(self.folder + "/memory.events") + "\n" + _read(self.folder + "/memory.oom_control")
        count = text.partition("\noom_kill ")[2].partition("\n")[0]
        return int(count) if count.isdigit() else -1


def resident() -> int:
    """Bytes of memory that this process holds (RSS); 0 where it cannot be told."""
    fields = _read("/proc/self/statm").split()
    if len(fields) > 1:
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        return int(__import__("psutil").Process().memory_info().rss)  # only where there is no /proc
    except Exception:
        return 0


def memory() -> dict[str, float]:
    """rss, used and limit in bytes, percent of the limit: for a page of one's own."""
    group = _cgroup()
    used = (group.used() if group.limit else 0) or resident()
    answer: dict[str, float] = {"rss": resident(), "used": used}
    if group.limit:
        answer.update(limit=group.limit, percent=100.0 * used / group.limit)
    return answer


def _cgroup() -> _Cgroup:
    if "cgroup" not in _memory_seen:
        _memory_seen["cgroup"] = _Cgroup()
    group: _Cgroup = _memory_seen["cgroup"]
    return group


def _watch_memory() -> float:
    """Warns at 80 and 90 % of the limit. The faster it rises the sooner it looks again, 20 times a second at most."""
    group = _cgroup()
    if not group.limit:
        return 60.0
    used = group.used()
    percent = 100.0 * used / group.limit
    level = 90 if percent >= 90 else 80 if percent >= 80 else 0
    told = _memory_seen.get("told", 0)
    if level > told:
        text = "%.0f %% of the limit: %d of %d MiB used, this process %d MiB; the kernel kills at 100 %%"
        text = text % (percent, used // _MEBIBYTE, group.limit // _MEBIBYTE, resident() // _MEBIBYTE)
        tell("CRITICAL" if level == 90 else "WARNING", "memory", text)
    if level > told or percent < 70:
        _memory_seen["told"] = level
    kills = group.kills()
    if kills > _memory_seen.get("kills", kills) >= 0:
        text = "the kernel has killed %d process(es) of this container for memory"
        tell("CRITICAL", "memory", text % (kills - _memory_seen["kills"]))
    now = time.monotonic()
    before, at = _memory_seen.get("used", used), _memory_seen.get("at", now)
    _memory_seen.update(used=used, at=now, kills=kills)
    # A quarter of the time until 90 % at the present slope.
    pause = (0.9 * group.limit - used) / (used - before) * (now - at) / 4 if used > before else 1.0
    return float(min(1.0, max(0.05, pause)))


_memory_seen: dict[str, Any] = {}
if _is_first:
    _every(_watch_memory)
    _state.gauges["resident_bytes"] = resident
    _state.gauges["memory_used_ratio"] = lambda: memory()["percent"] / 100
