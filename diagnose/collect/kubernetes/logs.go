package kubernetes

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

// newestLines is how many lines are asked for. A bound by bytes alone would give the oldest ones.
const newestLines = 50_000

// logs reads what the kubelet keeps of the newest run and of the one before, oldest first, in CRI form. After a
// rotation only the newest file of a run is shown (docs/notes/KUBERNETES.md#2).
func (l *look) logs(ctx context.Context) source.Outcome {
	if l.pod == nil {
		return source.Absent("the pod is gone, and its logs with it", "")
	}
	runs := l.pod.Logged(l.Run.Container)
	if runs == 0 {
		return source.Absent("the container never ran", "")
	}
	newest, before, err := l.bothLogs(ctx, runs)
	if err != nil && before == nil && !absentLog(err) {
		return l.refused(err, viewHere)
	}
	if sameStart(newest, before) {
		before = nil // in back-off both calls give the run that ended last
	}
	if l.OnlyItsLog && l.Run.Previous && !l.waits() {
		newest = nil
	}
	text := slices.Concat(before, newest)
	if l.Run.Previous && !l.waits() && len(before) == 0 {
		text = nil // what is left is another run's
	}
	text = append(l.lastWords(text), text...)
	if l.Run.Previous && !l.waits() && len(text) == 0 {
		return source.Absent("the kubelet keeps no log of that run any more", "")
	}
	if len(bytes.TrimSpace(text)) == 0 {
		if err != nil {
			return source.Absent(short(err.Error()), "")
		}
		return source.Collected("the container wrote nothing").With(bundle.FileLogs, nil)
	}
	return source.Collected("").With(bundle.FileLogs, text)
}

// waits tells whether the container is in back-off: then the newest log is that of the run that ended last, and so is
// the one before.
func (l *look) waits() bool {
	s := l.pod.ContainerStatus(l.Run.Container)
	return s != nil && s.State.Waiting != nil
}

// logsOf are the logs that were read last. The runs of one container are told apart within them, so that two runs that
// are looked at one after the other need them once.
type logsOf struct {
	mu             sync.Mutex
	of             string // namespace, pod and container; "" = of none
	newest, before []byte
	err            error
}

// bothLogs reads the log of the newest run, and of the one before where there may be one.
func (l *look) bothLogs(ctx context.Context, runs int) (newest, before []byte, err error) {
	kept, of := &l.lastLogs, l.Found.String()+"/"+l.Run.Container
	kept.mu.Lock()
	defer kept.mu.Unlock()
	if kept.of == of {
		return kept.newest, kept.before, kept.err
	}
	newest, err = l.log(ctx, false)
	answered := err == nil || code(err) != 0 // a kubelet that is silent about one run is so about the other
	if runs > 1 && answered && (len(newest) == 0 || !l.waits()) {
		before, _ = l.log(ctx, true)
	}
	kept.of, kept.newest, kept.before, kept.err = of, newest, before, err
	return newest, before, err
}

// absentLog tells whether an error says only that there is no log yet, or no more.
//
//	container "app" in pod "cm" is waiting to start: CreateContainerConfigError
//	previous terminated container "app" in pod "sup" not found
func absentLog(err error) bool { return code(err) == 400 || code(err) == 404 }

func (l *look) log(ctx context.Context, previous bool) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	q := url.Values{"container": {l.Run.Container}, "timestamps": {"true"}, "tailLines": {strconv.Itoa(newestLines)},
		"limitBytes": {strconv.FormatInt(l.LogBytes, 10)}}
	if previous {
		q.Set("previous", "true")
	}
	data, _, err := l.client.read(ctx, path("pods", l.Found.Namespace, l.Name, "log"), q, l.LogBytes)
	if err != nil {
		return nil, l.explained(err)
	}
	return cri(data), nil
}

// cri turns the API's "TIME TEXT" into CRI's "TIME stdout F TEXT": the API does not tell the streams apart. What bears
// no time is the kubelet's own word that there is no log.
//
//	unable to retrieve container logs for containerd://7185bf82264b…
func cri(data []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(data) {
		stamp, text, _ := bytes.Cut(bytes.TrimRight(line, "\n"), []byte(" "))
		if _, err := time.Parse(time.RFC3339Nano, string(stamp)); err != nil {
			continue
		}
		fmt.Fprintf(&out, "%s stdout F %s\n", stamp, text)
	}
	return out.Bytes()
}

func sameStart(a, b []byte) bool {
	first, _, _ := bytes.Cut(a, []byte("\n"))
	other, _, _ := bytes.Cut(b, []byte("\n"))
	return len(first) > 0 && bytes.Equal(first, other)
}

// lastWords is the termination message, as log lines, of a run whose log is not among what was read: it outlives the
// rotation and the removal of logs.
func (l *look) lastWords(text []byte) []byte {
	s := l.pod.ContainerStatus(l.Run.Container)
	if s == nil || len(text) > 0 {
		return nil
	}
	var out bytes.Buffer
	for _, t := range []*kubernetes.Terminated{s.LastState.Terminated, s.State.Terminated} {
		if t == nil || t.Message == "" || kubernetes.Time(t.FinishedAt).IsZero() || kubernetes.Time(t.StartedAt).IsZero() {
			continue
		}
		for line := range strings.Lines(t.Message) {
			fmt.Fprintf(&out, "%s stdout F %s\n", t.FinishedAt, strings.TrimRight(line, "\n"))
		}
	}
	return out.Bytes()
}
