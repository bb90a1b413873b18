# The cgroup's files, version 1 and 2, in a container and outside of one: made by hand.
# stdout: v2 104857600 90000000
# stdout: v1 67108864 60000000
# stdout: kills 2
# stdout: none 0
import os
import tempfile

import gateway_guard


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


root = tempfile.mkdtemp()
write(root + "/v2/cgroup.controllers", "memory\n")
write(root + "/v2/a/memory.max", "104857600\n")
write(root + "/v2/a/b/memory.max", "max\n")
write(root + "/v2/a/memory.current", "95000000\n")
write(root + "/v2/a/memory.stat", "anon 1\ninactive_file 5000000\n")
write(root + "/v2/a/memory.events", "low 0\noom 1\noom_kill 2\n")
write(root + "/own2", "0::/a/b\n")
group = gateway_guard._Cgroup(root + "/own2", root + "/v2")
print("v2", group.limit, group.used())
print("kills", group.kills())
write(root + "/v1/memory/memory.limit_in_bytes", "67108864\n")
write(root + "/v1/memory/memory.usage_in_bytes", "61000000\n")
write(root + "/v1/memory/memory.stat", "cache 1\ntotal_inactive_file 1000000\n")
write(root + "/own1", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n")
group = gateway_guard._Cgroup(root + "/own1", root + "/v1")
print("v1", group.limit, group.used())
print("none", gateway_guard._Cgroup("/nowhere", root).limit)
