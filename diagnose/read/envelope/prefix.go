package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// afterTime opens what stands behind a time that begins a line, in one of the forms below, and tells whether it was
// one. named: the time names its month, as syslog's does.
//
//	host gateway[812]: msg                     syslog, journald
//	host daemon.err gateway[812]: msg          BusyBox; OpenWrt without the host
//	gateway[812]: msg                          journalctl --no-hostname, Heroku's app[web.1]:
//	stderr F msg                               the CRI
//	gateway.1.x8c2@node    | msg               docker service logs
//	{container="gateway"} msg                  logcli
//	[APP/PROC/WEB/0] ERR msg                   Cloud Foundry
//	gateway/gateway/0123456789abcdef msg       aws logs tail
//	DEBG 'gateway' stderr output:              supervisord, the text in the lines below
func (o *Opener) afterTime(l *Line, s stamp.Time, rest []byte, named bool) bool {
	if len(rest) == 0 {
		return false
	}
	whole := l.Text
	l.Text = rest
	if criTag(l) || rest[0] == '{' && labelled(l) || rest[0] == '[' && platform(l) || supervised(l) || o.syslog(l, s,
		named) || piped(l) || logStream(l) || rest[0] == '[' && o.bracketed(l) {
		l.stamped(s)
		return true
	}
	l.Text = whole
	return false
}

// criTag opens "stderr F msg" (kubelet-cri-logging): P marks a part of a line, F its last one, and more tags may
// follow a colon.
func criTag(l *Line) bool {
	b := l.Text
	if len(b) < 8 || b[6] != ' ' {
		return false
	}
	stream, ok := streamOf(b[:6])
	if !ok || b[7] != 'P' && b[7] != 'F' {
		return false
	}
	rest := b[8:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[max(bytes.IndexByte(rest, ' '), 0):]
	}
	if len(rest) > 0 {
		if rest[0] != ' ' {
			return false
		}
		rest = rest[1:]
	}
	if l.Stream == StreamUnknown {
		l.Stream = stream
	}
	l.Part, l.piece = b[7] == 'P', true
	l.Text = rest
	return true
}

// labelled opens Loki's labels, `{container="gateway", stream="stderr"} msg`.
func labelled(l *Line) bool {
	b := l.Text
	if len(b) < 4 || b[0] != '{' || b[1] == '"' {
		return false
	}
	var container, pod, job []byte
	i := 1
	for i < len(b) && b[i] != '}' {
		eq := bytes.IndexByte(b[i:min(len(b), i+maxName)], '=')
		if eq < 1 || i+eq+1 >= len(b) || b[i+eq+1] != '"' {
			return false
		}
		key := bytes.TrimLeft(b[i:i+eq], ", ")
		end := jsontext.StringEnd(b[i+eq+1:])
		if end < 0 {
			return false
		}
		value := b[i+eq+2 : i+eq+end]
		switch string(key) {
		case "container", "container_name", "compose_service":
			container = value
		case "pod":
			pod = value
		case "job", "app", "service_name", "unit":
			job = value
		case "stream":
			l.Stream, _ = streamOf(value)
		}
		i += eq + 1 + end
	}
	if i+1 >= len(b) || b[i+1] != ' ' && b[i+1] != '\t' {
		return false
	}
	if len(l.Service) == 0 && len(l.Pod) == 0 && len(l.Container) == 0 {
		l.Pod, l.Container, l.Service = pod, container, job
		l.Shipped = len(pod) > 0 || len(container) > 0
	}
	return l.cut(i + 2)
}

// platform opens Cloud Foundry's "[APP/PROC/WEB/0] ERR msg".
func platform(l *Line) bool {
	end := bytes.IndexByte(l.Text[:min(len(l.Text), 80)], ']')
	if end < 4 || bytes.IndexByte(l.Text[:end], '/') < 0 || len(l.Text) < end+5 || l.Text[end+1] != ' ' {
		return false
	}
	name, rest := l.Text[1:end], l.Text[end+2:]
	for _, c := range name {
		if !nameByte[c] {
			return false
		}
	}
	stream, ok := streamOf(rest[:3])
	if !ok || len(rest) > 3 && rest[3] != ' ' {
		return false
	}
	l.named(name)
	l.Stream, l.Text = stream, rest[min(4, len(rest)):]
	return true
}

// supervised opens supervisord's "DEBG 'gateway' stderr output:", whose text is in the lines below.
func supervised(l *Line) bool {
	b := l.Text
	if len(b) < 6 || b[5] != '\'' || b[4] != ' ' {
		return false
	}
	name, rest, ok := bytes.Cut(b[6:], []byte("' "))
	if !ok || !bytes.HasSuffix(rest, []byte(" output:")) {
		return false
	}
	stream, ok := streamOf(rest[:len(rest)-len(" output:")])
	if ok {
		l.named(name)
		l.Stream, l.Text = stream, nil
	}
	return ok
}

// logStream opens the name of a log stream as Amazon's ECS makes it: prefix, container, task.
func logStream(l *Line) bool {
	end := bytes.IndexByte(l.Text[:min(len(l.Text), maxName)], ' ')
	if end < 0 || bytes.Count(l.Text[:end], []byte("/")) != 2 {
		return false
	}
	parts := bytes.Split(l.Text[:end], []byte("/"))
	if len(parts[2]) < 16 || !hexadecimal(parts[2]) {
		return false
	}
	l.named(parts[1])
	return l.cut(end + 1)
}

func hexadecimal(b []byte) bool {
	for _, c := range b {
		if !lex.IsDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// piped opens "gateway-1  | msg", as compose, swarm, honcho and foreman print it. A blank before the bar is enough
// where the name counts replicas; compose pads all others to two.
func piped(l *Line) bool {
	b := l.Text
	end := 0
	for end < len(b) && end < maxName && nameByte[b[end]] {
		end++
	}
	bar := end
	for bar < len(b) && b[bar] == ' ' {
		bar++
	}
	if end == 0 || bar == len(b) || b[bar] != '|' || severity.Of(b[:end]) != severity.Unknown {
		return false
	}
	padded, counts := bar-end >= 2, replica(b[:end])
	glued := bar+1 < len(b) && b[bar+1] != ' ' // nerdctl compose logs
	if !padded && !counts || glued && !(padded && counts) {
		return false
	}
	l.named(b[:end])
	l.Shipped = l.Shipped || composed(b[:end])
	if glued {
		return l.cut(bar + 1)
	}
	return l.cut(min(bar+2, len(b)))
}

// composed tells whether a name counts replicas as compose does ("gateway-1", "gateway_1"); honcho and foreman write
// "web.1" of their own children, and loggers "Thread-1" of their own threads.
func composed(name []byte) bool {
	stem := bytes.TrimRight(name, "0123456789")
	if len(stem) < 2 || len(stem) == len(name) || stem[len(stem)-1] != '-' && stem[len(stem)-1] != '_' {
		return false
	}
	stem = bytes.ToLower(stem)
	for _, own := range []string{"thread", "worker", "pool", "executor", "proc", "task", "main", "fork"} {
		if bytes.Contains(stem, []byte(own)) {
			return false
		}
	}
	return true
}

// replica tells whether a name ends in a number behind "-", "_" or ".", or names a node.
func replica(name []byte) bool {
	i := len(name)
	for i > 0 && lex.IsDigit(name[i-1]) {
		i--
	}
	return i > 1 && i < len(name) && bytes.IndexByte([]byte("-_."), name[i-1]) >= 0 || bytes.IndexByte(name, '@') > 0
}

// bracketed opens what begins with a bracket: "[pod/gateway-7d9f-abcde/gateway] msg" of kubectl --prefix, and
// "[11/23/26 09:06:15] ERROR    msg" of rich. A date in brackets is a logger's, and stays.
func (o *Opener) bracketed(l *Line) bool {
	b := l.Text
	if rest, ok := bytes.CutPrefix(b, []byte("[pod/")); ok {
		end := bytes.IndexByte(rest[:min(len(rest), 2*maxName)], ']')
		pod, container, ok := bytes.Cut(rest[:max(end, 0)], []byte("/"))
		if !ok || len(container) == 0 || len(pod) == 0 {
			return false
		}
		if len(l.Pod) == 0 && len(l.Service) == 0 {
			l.Pod, l.Container = pod, container
		}
		l.Shipped = true
		l.Text = bytes.TrimPrefix(rest[end+1:], []byte(" "))
		return true
	}
	return o.rich(l) || platform(l)
}

// workerPrefix opens "(worker pid=7) msg" and "(raylet, ip=10.0.0.2) msg", as Ray and vLLM print what their processes
// say.
func workerPrefix(l *Line) bool {
	end := bytes.IndexByte(l.Text[:min(len(l.Text), 120)], ')')
	if end < 0 {
		return false
	}
	inside := l.Text[1:end]
	i := bytes.Index(inside, []byte("pid="))
	if i < 0 && !bytes.HasPrefix(inside, []byte("raylet")) {
		return false
	}
	if i >= 0 {
		digits := inside[i+len("pid="):]
		digits = digits[:len(digits)-len(bytes.TrimLeft(digits, "0123456789"))]
		pid, ok := lex.Number(digits)
		if !ok {
			return false
		}
		if l.PID == 0 {
			l.PID = pid
		}
	}
	if name := bytes.TrimRight(inside[:max(i, 0)], " ,"); len(name) > 0 {
		l.named(name)
	}
	l.Text = bytes.TrimPrefix(l.Text[end+1:], []byte(" "))
	return true
}

// addressed opens "172.20.0.2: msg", as talosctl names the node.
func addressed(l *Line) bool {
	b := l.Text
	end := bytes.IndexByte(b[:min(len(b), 18)], ':')
	if end < 7 || end+1 >= len(b) || b[end+1] != ' ' || bytes.Count(b[:end], []byte(".")) != 3 {
		return false
	}
	for _, c := range b[:end] {
		if !lex.IsDigit(c) && c != '.' {
			return false
		}
	}
	if len(l.Host) == 0 {
		l.Host = b[:end]
	}
	return l.cut(end + 2)
}
