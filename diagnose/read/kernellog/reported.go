package kernellog

import "bytes"

// reports are texts by which other programs tell of a kill, wherever they stand in a
// line: events of Kubernetes (kubectl describe, kubectl get events), the kubelet's own
// log, Android's logcat. They begin the message; the program is who says so. What
// docker events says has a form of its own ([engineEvent]).
//
//	  Warning  OOMKilling  3m  kernel-monitor  Memory cgroup out of memory: Killed process 1012 (java) total-vm:…
//	  Warning  SystemOOM   3m  kubelet         System OOM encountered, victim process: java, pid: 1012
//	E1123 09:06:15.123456  812 oom_watcher_linux.go:84] "Got sys oom event" event="&{1012 java …}"
//	11-23 09:06:15.123   500   500 I lowmemorykiller: Kill 'com.example.app' (1234), uid 10123, oom_score_adj 905 to free …
var reports = []struct{ text, program string }{
	{"System OOM encountered, victim process: ", "kubelet"},
	{"\"Got sys oom event\"", "kubelet"},
	{"lowmemorykiller: Kill", ""},
}

// kernelTexts begin what a node's monitor copies into an event of reason OOMKilling.
var kernelTexts = [][]byte{[]byte("Memory cgroup out of memory: "), []byte("Out of memory: Kill"),
	[]byte("Killed process ")}

// reported takes a message out of a line of another program that tells of a kill, and
// tells whether it was one.
func reported(l *line) bool {
	if engineEvent(l.msg) != nil {
		l.origin, l.ident = fromUser, []byte("docker")
		return true
	}
	at := bytes.Index(l.msg, []byte("OOM"))
	if at < 0 && !bytes.Contains(l.msg, []byte("sys oom event")) && !bytes.Contains(l.msg,
		[]byte("lowmemorykiller: Kill")) {
		return false
	}
	for _, r := range reports {
		if i := bytes.Index(l.msg, []byte(r.text)); i >= 0 {
			l.msg = l.msg[i:]
			if r.program != "" {
				l.origin, l.ident = fromUser, []byte(r.program)
			}
			return true
		}
	}
	if at < 0 {
		return false
	}
	if rest := l.msg[at:]; bytes.HasPrefix(rest, []byte("OOMKilling")) || bytes.HasPrefix(rest, []byte("OOM ")) &&
		at > 5 && string(l.msg[at-6:at]) == "Cgroup" {
		for _, text := range kernelTexts {
			if i := bytes.Index(rest, text); i >= 0 {
				l.msg, l.origin, l.ident = rest[i:], fromUnknown, nil
				return true
			}
		}
	}
	return wasKilled(l, at)
}

// wasKilled knows what Kubernetes and engines say of a container: "Reason: OOMKilled" of
// kubectl describe, the state in the table of kubectl get pods. An inspect body says it
// of every container, with false.
func wasKilled(l *line, at int) bool {
	rest, ok := bytes.CutPrefix(l.msg[at:], []byte("OOMKilled"))
	if !ok || at == 0 || len(rest) > 0 && rest[0] != ' ' && rest[0] != '"' && rest[0] != ',' && rest[0] != ')' {
		return false
	}
	if value, isKey := bytes.CutPrefix(bytes.TrimLeft(rest, "\" "), []byte(":")); isKey &&
		!bytes.HasPrefix(bytes.TrimSpace(value), []byte("true")) {
		return false
	}
	l.origin, l.ident = fromUser, []byte("kubectl")
	return true
}

// engineEvent reads the container of what `docker events` says of the kernel's notice. Behind
// it stand its labels, sorted, so that only a name that stands there once is one:
//
//	2026-11-25T14:02:11.100000000Z container oom 3f9ab11c…c012 (image=gw:1, name=gateway)
func engineEvent(msg []byte) *Container {
	rest, ok := bytes.CutPrefix(msg, []byte("container oom "))
	id, attributes, more := bytes.Cut(rest, []byte(" ("))
	if !ok || !more || !isContainerID(string(id)) {
		return nil
	}
	c := &Container{ID: string(id), Runtime: "docker"}
	key := []byte("name=")
	if _, name, ok := bytes.Cut(attributes, key); ok && bytes.Count(attributes, key) == 1 {
		name = name[:max(bytes.IndexAny(name, ",)"), 0)]
		c.Name = string(name[:min(len(name), 64)])
	}
	return c
}
