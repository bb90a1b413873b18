package kernellog

import (
	"slices"
	"strings"
)

const maxSegments = 64 // a cgroup path is at most 4096 bytes; deeper ones are hostile

// ContainerFromCgroup returns the container that a cgroup path, as the kernel
// prints it from the real root, belongs to; nil where the path names none. It is
// the innermost one; those around it are its OuterIDs. For example
//
//	/system.slice/docker-<64 hex>.scope
//	/kubepods/burstable/pod62015ce8-a46f-4b0e-a5a1-3082235c62dd/<64 hex>
//	/machine.slice/libpod-<64 hex>.scope/container
//
// A systemd unit counts as a container of runtime "systemd" with a Name and no
// ID; a pod's own cgroup gives a PodUID only. Monitors (conmon) are not their
// container. The forms are those of docs.docker.com/engine/containers/runmetrics,
// the kubelet's cgroup manager, podman's and systemd's (docs/notes/KERNEL-LOG.md#2).
func ContainerFromCgroup(path string) *Container {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if len(segments) > maxSegments {
		segments = segments[len(segments)-maxSegments:]
	}
	var c Container
	for i := len(segments) - 1; i >= 0; i-- {
		if c.PodUID == "" {
			c.PodUID = podUID(segments[i])
		}
		found := containerAt(segments, i)
		switch {
		case found == nil, isPodmanPod(segments, i, c.Runtime):
		case c.ID == "" && c.Name == "":
			c.ID, c.Name, c.Runtime = found.ID, found.Name, found.Runtime
		case found.ID != "":
			c.OuterIDs = append(c.OuterIDs, found.ID)
		default:
			c.OuterIDs = append(c.OuterIDs, found.Name)
		}
	}
	slices.Reverse(c.OuterIDs)
	if c.ID == "" && c.Name == "" && c.PodUID == "" {
		return unitOf(segments)
	}
	return &c
}

// ContainersCgroup is the path in the text of /proc/PID/cgroup that is a container's, "" where none is; of v1's groups
// the first:
//
//	12:memory:/docker/6a0f…
//	0::/system.slice/docker-6a0f….scope
func ContainersCgroup(text string) string {
	for entry := range strings.Lines(text) {
		_, rest, _ := strings.Cut(strings.TrimSpace(entry), ":")
		_, path, _ := strings.Cut(rest, ":")
		if c := ContainerFromCgroup(path); c != nil && c.ID != "" {
			return path
		}
	}
	return ""
}

// scopePrefixes are the unit name prefixes that runtimes put before the id. The
// longer one stands first where one is the beginning of another.
var scopePrefixes = []struct{ prefix, runtime string }{
	{"docker-", "docker"},
	{"cri-containerd-", "containerd"},
	{"nerdctl-", "containerd"},
	{"crio-", "cri-o"},
	{"libpod-payload-", "podman"},
	{"libpod-", "podman"},
	{"kata_", "kata"},
}

// containerAt returns the container that segment i names, or nil.
func containerAt(segments []string, i int) *Container {
	seg := segments[i]
	parent := ""
	if i > 0 {
		parent = segments[i-1]
	}
	name := strings.TrimSuffix(seg, ".scope")
	for _, p := range scopePrefixes {
		if id, ok := strings.CutPrefix(name, p.prefix); ok && isContainerID(id) {
			return &Container{ID: id, Runtime: runtimeIn(segments[:i], p.runtime)}
		}
	}
	switch {
	case isContainerID(seg):
		return &Container{ID: seg, Runtime: runtimeIn(segments[:i], map[string]string{"docker": "docker",
			"libpod_parent": "podman"}[parent])}
	case isBuildKitID(seg) && (parent == "docker" || parent == "buildkit"):
		return &Container{ID: seg, Runtime: "buildkit"}
	case strings.Contains(seg, ":"):
		return containerInTriple(seg)
	}
	return namedContainer(seg, parent)
}

// containerInTriple reads the segment that runc makes of slice:prefix:name when a
// cgroupfs engine is given a systemd path, for example
// "system.slice:docker:z5o1dk3kl4l0cyw4xq0ti2zpu" (a BuildKit step) or
// "kubepods-burstable-pod….slice:cri-containerd:<64 hex>".
func containerInTriple(seg string) *Container {
	parts := strings.Split(seg, ":")
	if len(parts) != 3 {
		return nil
	}
	switch id := parts[2]; {
	case isContainerID(id):
		return &Container{ID: id, Runtime: map[string]string{"docker": "docker", "cri-containerd": "containerd",
			"crio": "cri-o"}[parts[1]]}
	case isBuildKitID(id):
		return &Container{ID: id, Runtime: "buildkit"}
	}
	return nil
}

// namedContainer knows the containers and machines that go by name, not by id.
func namedContainer(seg, parent string) *Container {
	if name, ok := strings.CutPrefix(seg, "lxc.payload."); ok && name != "" {
		return &Container{Name: name, Runtime: "lxc"}
	}
	if (parent == "lxc" || parent == "lxc.payload") && seg != "" {
		return &Container{Name: seg, Runtime: "lxc"}
	}
	if name, ok := strings.CutPrefix(seg, "systemd-nspawn@"); ok {
		return &Container{Name: unescapeUnit(strings.TrimSuffix(name, ".service")), Runtime: "nspawn"}
	}
	scope, isScope := strings.CutSuffix(seg, ".scope")
	switch {
	case isScope && parent == "machine.slice" && strings.HasPrefix(scope, "machine-"):
		name := unescapeUnit(strings.TrimPrefix(scope, "machine-"))
		if strings.HasPrefix(name, "qemu-") {
			return &Container{Name: name, Runtime: "libvirt"}
		}
		return &Container{Name: name, Runtime: "nspawn"}
	case isScope && parent == "qemu.slice":
		return &Container{Name: scope, Runtime: "qemu"}
	case isScope && (parent == "share.slice" || parent == "reserve.slice"):
		return &Container{Name: scope, Runtime: "nomad"}
	case parent == "nomad" && seg != "":
		return &Container{Name: seg, Runtime: "nomad"}
	}
	return nil
}

// runtimeIn corrects the runtime by what stands above: Amazon ECS runs Docker
// containers below /ecs/TASK or /ecstasks.slice.
func runtimeIn(above []string, runtime string) string {
	for _, seg := range above {
		if seg == "ecs" || seg == "ecstasks.slice" {
			return "ecs"
		}
	}
	return runtime
}

// isPodmanPod tells whether a bare id is a pod's: podman's cgroupfs driver puts
// containers at /libpod_parent/POD/libpod-ID.
func isPodmanPod(segments []string, i int, inner string) bool {
	return inner == "podman" && i > 0 && segments[i-1] == "libpod_parent"
}

// podUID returns the UID of the Kubernetes pod that a segment names, dashed as
// the API writes it, or "". Static pods have the 32 hex digits of a hash. The pod
// is looked for anywhere in the segment because every slice name carries the
// kubelet's cgroup root ("kubelet-kubepods-burstable-pod…").
func podUID(seg string) string {
	for at := 0; ; {
		i := strings.Index(seg[at:], "pod")
		if i < 0 {
			return ""
		}
		i += at
		at = i + len("pod")
		if i > 0 && seg[i-1] != '-' {
			continue
		}
		if uid := leadingUID(seg[at:]); uid != "" {
			return uid
		}
	}
}

func leadingUID(s string) string {
	end := 0
	for end < len(s) && (isHexByte(s[end]) || s[end] == '-' || s[end] == '_') {
		end++
	}
	uid := strings.ReplaceAll(s[:end], "_", "-")
	if len(uid) == 32 && isHex(uid) || len(uid) == 36 && isHex(strings.ReplaceAll(uid, "-", "")) {
		return uid
	}
	return ""
}

// unitOf returns the innermost systemd unit of the path as a container, or nil.
func unitOf(segments []string) *Container {
	for _, seg := range slices.Backward(segments) {
		if strings.HasSuffix(seg, ".service") || strings.HasSuffix(seg, ".scope") {
			return &Container{Name: seg, Runtime: "systemd"}
		}
	}
	return nil
}

// unescapeUnit undoes systemd's \x2d escapes in a unit's name (systemd-escape(1)).
func unescapeUnit(s string) string { return string(unescapeHex([]byte(s))) }

func isContainerID(s string) bool { return len(s) == 64 && isHex(s) }

// isBuildKitID knows the ids of BuildKit's steps: 25 digits of base 36.
func isBuildKitID(s string) bool {
	if len(s) != 25 {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'z') {
			return false
		}
	}
	return true
}

func isHex(s string) bool {
	for i := range len(s) {
		if !isHexByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isHexByte(b byte) bool { return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' }
