# --- start ---

if _is_first:
    _start_thread()
    tell("INFO", "start", "pid %d, parent %d, Python %s, guard %s" % (
        os.getpid(), os.getppid(), sys.version.split()[0], VERSION))
