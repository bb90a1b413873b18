package kubernetes

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// The kubelet's own log, where the role lets it be read, tells every kill by the id of the container, where events are
// dropped after a few (docs/notes/KUBERNETES.md#4):
//
//	I1126 12:21:01.854 26045 kuberuntime_manager.go:1182] "Message for Container of pod" containerName="app" \
//	  containerStatusID={"Type":"containerd","ID":"26fcdb20…"} containerMessage="Container app failed liveness probe, …"
//	I1126 12:21:01.855 26045 kuberuntime_container.go:866] "Killing container with a grace period" … \
//	  containerID="containerd://26fcdb20…" gracePeriod=6
//
// Its time is the node's local one, nearly always UTC. In the journal's form another header stands before it.
var (
	klogHeader    = regexp.MustCompile(`(?:^|: )[IWEF](\d{4} \d{2}:\d{2}:\d{2}\.\d+)\s+\d+ [\w.]+\.go:\d+\] `)
	klogContainer = regexp.MustCompile(`(?:containerID="(?:\w[\w.-]*://)?|"ID":")([0-9a-f]{12,64})"`)
)

// What the kubelet writes when it ends a container, and why.
const (
	klogMessage = `"Message for Container of pod"`
	klogKilling = `"Killing container with a grace period"`
)

// klogStart is how much of a log tells whether it is one, and since when.
const klogStart = 64 << 10

// IsKubeletLog tells whether a text is a log of klog's form.
func IsKubeletLog(data []byte) bool { return klogHeader.Match(firstLines(data)) }

// KubeletStamp is the time of the first line that has one; zero = none has.
func KubeletStamp(data []byte, now time.Time) time.Time {
	for line := range bytes.Lines(firstLines(data)) {
		if m := klogHeader.FindSubmatch(line); m != nil {
			return klogTime(string(m[1]), now)
		}
	}
	return time.Time{}
}

func firstLines(data []byte) []byte { return data[:min(len(data), klogStart)] }

// klogTime reads month, day and time; the year is the newest that does not lie ahead.
func klogTime(stamp string, now time.Time) time.Time {
	t, err := time.Parse("0102 15:04:05.999999999", stamp)
	if err != nil {
		return time.Time{}
	}
	t = t.AddDate(now.UTC().Year(), 0, 0)
	if t.After(now.Add(24 * time.Hour)) {
		t = t.AddDate(-1, 0, 0)
	}
	return t
}

// kubeletLog is what the kubelet's log tells of this pod.
type kubeletLog struct {
	from, to time.Time          // zero = it was not read
	kills    map[string]killing // by the id of the container
}

func readKubeletLog(b *bundle.Bundle, now time.Time) kubeletLog {
	l := kubeletLog{kills: map[string]killing{}}
	s := b.Source(fact.SourceKubeletLog)
	data, ok := b.File(bundle.FileKubeletLog)
	if !ok || s.Status != fact.StatusCollected {
		return l
	}
	if s.From != nil && s.To != nil {
		l.from, l.to = *s.From, *s.To
	}
	for line := range bytes.Lines(data) {
		l.read(string(line), now)
	}
	return l
}

// read takes one line. The message that says why comes before the kill, and may be missing.
func (l *kubeletLog) read(line string, now time.Time) {
	head, id := klogHeader.FindStringSubmatch(line), klogContainer.FindStringSubmatch(line)
	why := strings.Contains(line, klogMessage)
	if head == nil || id == nil || !why && !strings.Contains(line, klogKilling) || len(l.kills) >= maxLines {
		return
	}
	if _, told := l.kills[id[1]]; told && !why {
		return
	}
	ev := Event{}
	if why {
		_, ev.Message, _ = strings.Cut(line, "containerMessage=")
	}
	l.kills[id[1]] = readKilling(ev, klogTime(head[1], now))
}

// covers tells whether the log reaches over the whole of a run.
func (l kubeletLog) covers(life *evidence.Life) bool {
	return !l.from.IsZero() && life.End != nil && !life.Start.IsZero() && !l.from.After(life.Start) &&
		!l.to.Before(*life.End)
}

// killOf is the kubelet's own kill of a run; nil = it tells of none.
func (l kubeletLog) killOf(life *evidence.Life) *killing {
	k, ok := l.kills[life.ID]
	if !ok || life.ID == "" || life.End == nil {
		return nil
	}
	if k.at.IsZero() || k.at.After(life.End.Add(slack)) || !life.Start.IsZero() && k.at.Before(life.Start.Add(-slack)) {
		k.at = *life.End // the clock of another zone: whom it killed is told all the same
	}
	return &k
}
