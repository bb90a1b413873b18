package kubernetes

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// What no API shows, the kernel's log and the control groups, a privileged pod on the node reads: `--node-debug`. It is
// made only when asked for, has a deadline of its own, and is removed whatever happens meanwhile.

// debugLabel marks the pods that we make.
const (
	debugLabel    = "app.kubernetes.io/managed-by"
	debugOwner    = "gwdoctor"
	debugPrefix   = "gwdoctor-node-debug-"
	debugTime     = 30 * time.Second // for the pod to come, read and end
	debugDeadline = 60               // seconds, after which the kubelet ends it even if nobody removes it
	debugBytes    = 24 << 20         // of what it prints
	debugRemoval  = 10 * time.Second
)

// debugScript prints what it reads behind marks. It needs sh, cat, find and sleep, which are in nearly every image that
// has a shell. Reading /dev/kmsg never ends by itself.
const debugScript = `echo "@@ uptime $(cat /proc/uptime)"
echo "@@ boot $(cat /proc/sys/kernel/random/boot_id)"
echo "@@ pattern $(cat /proc/sys/kernel/core_uses_pid) $(cat /proc/sys/kernel/core_pattern)"
for d in $(find /host/cgroup -type d -path '*kubepods*' 2>/dev/null); do
  b=${d##*/}
  case $b in *.slice|*pause*) continue;; esac
  [ ${#b} -ge 64 ] || continue
  for f in $FILES; do
    [ -f "$d/$f" ] || continue
    echo "@@ file $d/$f"
    cat "$d/$f" 2>/dev/null
  done
done
echo "@@ kmsg"
cat /dev/kmsg & p=$!
sleep 2
kill $p 2>/dev/null
wait $p 2>/dev/null
echo
echo "@@ end"
`

// debugRole lets the pod be made; Pod Security may refuse it all the same.
var debugRole = role{"create, get, list and delete of pods (--node-debug), which makes its holder root of the nodes " +
	"where Pod Security allows privileged pods: weigh it", "kubectl create role gwdoctor-debug -n %N " +
	"--verb=create,get,list,delete --resource=pods && kubectl create rolebinding gwdoctor-debug -n %N " +
	"--role=gwdoctor-debug --user=USER"}

// debugFiles are the files of a control group that a diagnosis reads, of both versions.
const debugFiles = "memory.limit_in_bytes memory.usage_in_bytes memory.max_usage_in_bytes memory.failcnt " +
	"memory.oom_control memory.stat memory.current memory.max memory.peak memory.events memory.oom.group " +
	"memory.pressure cpu.pressure cpu.stat cpu.max cpu.cfs_quota_us cpu.cfs_period_us pids.current pids.max pids.events"

// nodeView is what such a pod saw of its node.
type nodeView struct {
	pod     string // its name
	image   string
	boot    time.Time // wall clock at the kernel's zero
	bootID  string
	usesPID bool
	pattern string
	kmsg    []byte
	groups  map[string]map[string][]byte // files of control groups by the container's id
	left    error                        // it could not be removed
}

// nodeAnswer is one that the pods of a node share. The first who asks may be interrupted; nobody asks twice.
type nodeAnswer struct {
	mu    sync.Mutex
	asked bool
	view  *nodeView
	err   error
}

// debugged is the view of the pod's node, one pod of ours for all that are looked at there.
func (l *look) debugged(ctx context.Context) (*nodeView, error) {
	v, _ := l.memo.LoadOrStore("node debug "+l.node, &nodeAnswer{})
	a := v.(*nodeAnswer)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.asked {
		a.asked = true
		a.view, a.err = l.debug(ctx)
	}
	return a.view, a.err
}

// debug makes the pod, waits for its end, reads what it printed, and removes it.
func (l *look) debug(ctx context.Context) (view *nodeView, err error) {
	name := debugPrefix + randomName()
	image := cmp.Or(l.NodeDebugImage, l.imageHere())
	if image == "" {
		return nil, errors.New("no image is known for the pod: name one with --node-debug-image")
	}
	limited, cancel := context.WithTimeout(ctx, debugTime)
	defer cancel()
	l.sweep(limited)
	l.Tell(fmt.Sprintf("making the privileged pod %s/%s on node %s, of the image %s; it only reads, and is removed again",
		l.Found.Namespace, name, l.node, image))
	_, err = l.client.send(limited, http.MethodPost, path("pods", l.Found.Namespace), l.debugPod(name, image))
	if c := code(err); c >= 400 && c < 500 {
		return nil, err // nothing was made
	}
	defer func() {
		left := l.remove(ctx, name)
		if left == nil {
			l.Tell("the pod " + name + " is removed")
		} else {
			l.Tell(fmt.Sprintf("the pod %s could not be removed (%v): kubectl -n %s delete pod %s", name, left,
				l.Found.Namespace, name))
		}
		if view != nil {
			view.left = left
		}
	}()
	if err != nil {
		return nil, l.explained(err)
	}
	if err := l.awaitEnd(limited, name); err != nil {
		return nil, err
	}
	text, err := l.printed(limited, name)
	if err != nil {
		return nil, l.explained(err)
	}
	view = readNodeView(text)
	view.pod, view.image = name, image
	if view.boot.IsZero() {
		return view, errors.New("the pod printed nothing that can be read")
	}
	return view, nil
}

func randomName() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// imageHere is the image of the container that is looked at: the node has it already, so nothing is pulled.
func (l *look) imageHere() string {
	if l.pod == nil {
		return ""
	}
	if c := l.pod.Container(l.Run.Container); c != nil {
		return c.Image
	}
	return ""
}

func (l *look) debugPod(name, image string) []byte {
	type object = map[string]any
	pod := object{"apiVersion": "v1", "kind": "Pod",
		"metadata": object{"name": name, "namespace": l.Found.Namespace, "labels": object{debugLabel: debugOwner}},
		"spec": object{
			"nodeName": l.node, "hostPID": true, "restartPolicy": "Never", "activeDeadlineSeconds": debugDeadline,
			"terminationGracePeriodSeconds": 0, "automountServiceAccountToken": false, "enableServiceLinks": false,
			"tolerations": []object{{"operator": "Exists"}},
			"containers": []object{{"name": "debug", fact.SourceImage: image, "imagePullPolicy": "IfNotPresent",
				"command": []string{"sh", "-c", debugScript}, "env": []object{{"name": "FILES", "value": debugFiles}},
				"securityContext": object{"privileged": true, "runAsUser": 0, "runAsNonRoot": false},
				"resources": object{"requests": object{"cpu": "10m", "memory": "16Mi"},
					"limits": object{"memory": "64Mi"}},
				"volumeMounts": []object{{"name": "groups", "mountPath": "/host/cgroup", "readOnly": true}}}},
			"volumes": []object{{"name": "groups", "hostPath": object{"path": "/sys/fs/cgroup"}}},
		}}
	data, err := json.Marshal(pod)
	if err != nil {
		return nil
	}
	return data
}

// awaitEnd waits until the pod has ended, or says why it never will.
func (l *look) awaitEnd(ctx context.Context, name string) error {
	last := "it did not end in time"
	for {
		data, err := l.client.get(ctx, path("pods", l.Found.Namespace, name), nil)
		if err == nil {
			p, ok := kubernetes.Parse[kubernetes.Pod](data)
			switch {
			case !ok:
			case p.Status.Phase == "Succeeded":
				return nil
			case p.Status.Phase == "Failed":
				return fmt.Errorf("the pod failed: %s", short(p.Status.Reason+" "+endOf(p)))
			default:
				if why := stuck(p); why != "" {
					return errors.New(why)
				}
			}
		} else if code(err) == http.StatusNotFound {
			return errors.New("somebody removed the pod")
		} else if ctx.Err() == nil {
			last = short(err.Error())
		}
		if !pause(ctx, 500*time.Millisecond) {
			return cmp.Or(context.Cause(ctx), errors.New(last))
		}
	}
}

// stuck is why the pod cannot start; "" = it may still come.
func stuck(p *kubernetes.Pod) string {
	s := p.ContainerStatus("debug")
	if s == nil || s.State.Waiting == nil {
		return ""
	}
	switch w := s.State.Waiting; w.Reason {
	case "", "ContainerCreating", "PodInitializing":
		return ""
	default:
		return short("the pod does not start: " + w.Reason + ": " + w.Message)
	}
}

func endOf(p *kubernetes.Pod) string {
	s := p.ContainerStatus("debug")
	if s == nil || s.State.Terminated == nil {
		return p.Status.Message
	}
	t := s.State.Terminated
	return fmt.Sprintf("exit code %d %s (its image needs sh, cat, find and sleep: another is named with "+
		"--node-debug-image) %s", t.ExitCode, t.Reason, t.Message)
}

func (l *look) printed(ctx context.Context, name string) ([]byte, error) {
	data, _, err := l.client.read(ctx, path("pods", l.Found.Namespace, name, "log"), url.Values{"timestamps": {"true"},
		"limitBytes": {strconv.Itoa(debugBytes)}}, debugBytes)
	return data, err
}

// remove deletes the pod, also where the user has asked to stop.
func (l *look) remove(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), debugRemoval)
	defer cancel()
	_, err := l.client.send(ctx, http.MethodDelete, path("pods", l.Found.Namespace, name),
		[]byte(`{"gracePeriodSeconds":0}`))
	if code(err) == http.StatusNotFound {
		return nil
	}
	return err
}

// sweep removes what an earlier run of ours left that was killed before it could.
func (l *look) sweep(ctx context.Context) {
	_, _ = l.client.list(ctx, path("pods", l.Found.Namespace), url.Values{"labelSelector": {debugLabel + "=" +
		debugOwner}},
		func(raw json.RawMessage) {
			p, ok := kubernetes.Parse[kubernetes.Pod](raw)
			if ok && strings.HasPrefix(p.Metadata.Name, debugPrefix) &&
				l.Now().Sub(kubernetes.Time(p.Metadata.CreationTimestamp)) > 2*debugDeadline*time.Second {
				_ = l.remove(ctx, p.Metadata.Name)
			}
		})
}

// readNodeView reads what the pod printed, each line behind the time at which the kubelet had it.
func readNodeView(text []byte) *nodeView {
	v := &nodeView{groups: map[string]map[string][]byte{}}
	var id, file string
	inKmsg := false
	for line := range bytes.Lines(text) {
		stamp, rest, _ := bytes.Cut(bytes.TrimRight(line, "\n"), []byte(" "))
		mark, isMark := bytes.CutPrefix(rest, []byte("@@ "))
		switch {
		case isMark:
			words := strings.Fields(string(mark))
			id, file, inKmsg = "", "", len(words) == 1 && words[0] == "kmsg"
			if len(words) > 1 {
				id, file = v.mark(words, string(stamp))
			}
		case inKmsg && len(rest) > 0:
			v.kmsg = append(append(v.kmsg, rest...), '\n')
		case file != "":
			v.groups[id][file] = append(append(v.groups[id][file], rest...), '\n')
		}
	}
	return v
}

// mark takes a line of the script's own.
func (v *nodeView) mark(words []string, stamp string) (id, file string) {
	switch words[0] {
	case "uptime":
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if up, upErr := strconv.ParseFloat(words[1], 64); err == nil && upErr == nil && up > 0 && up < 1e9 {
			v.boot = at.UTC().Add(-time.Duration(up * float64(time.Second))).Round(time.Millisecond)
		}
	case "boot":
		v.bootID = words[1]
	case "pattern":
		v.usesPID, v.pattern = words[1] == "1", strings.Join(words[2:], " ")
	case "file":
		return v.fileOf(words[1])
	}
	return "", ""
}

// fileOf is a file of a control group: whose container it is, and its name.
//
//	/host/cgroup/memory/kubepods/burstable/pod8b7b…/907ebec8…/memory.stat
//	/host/cgroup/kubepods.slice/…/cri-containerd-907ebec8….scope/memory.stat
func (v *nodeView) fileOf(path string) (id, file string) {
	folder, file, _ := cutLast(path, "/")
	_, folder, _ = cutLast(strings.TrimSuffix(folder, ".scope"), "/")
	if len(folder) < 64 {
		return "", ""
	}
	if id = folder[len(folder)-64:]; v.groups[id] == nil {
		v.groups[id] = map[string][]byte{}
	}
	return id, file
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// ofNode is a source that only the debug pod can read.
func (l *look) ofNode(ctx context.Context, read func(*nodeView) source.Outcome) source.Outcome {
	if o, ok := l.onNode(); !ok {
		return o
	}
	view, err := l.debugged(ctx)
	switch {
	case code(err) == http.StatusForbidden:
		return source.Denied("the privileged pod: "+short(err.Error()), strings.ReplaceAll(debugRole.command, "%N",
			l.Found.Namespace))
	case err != nil:
		return source.Failed(fmt.Errorf("the privileged pod: %w", err))
	}
	o := read(view)
	by := "read by the privileged pod " + view.pod + " of image " + view.image
	if view.left != nil {
		by += ", which could not be removed: kubectl -n " + l.Found.Namespace + " delete pod " + view.pod
	}
	if o.Source.Detail != "" {
		by = o.Source.Detail + "; " + by
	}
	o.Source.Detail = by
	return o
}

// kernelLog is what no API shows: the kubelet's log query does not reach the kernel's log.
func (l *look) kernelLog(ctx context.Context) source.Outcome {
	if !l.NodeDebug {
		return source.Absent("the API server does not show the kernel log of a node; --node-debug reads it with a "+
			"privileged pod", "on the node: gwdoctor oom")
	}
	return l.ofNode(ctx, func(v *nodeView) source.Outcome {
		if len(v.kmsg) == 0 {
			return source.Absent("/dev/kmsg could not be read", "on the node: gwdoctor oom")
		}
		clock, err := json.Marshal(map[string]any{"boot": v.boot, "bootId": v.bootID})
		if err != nil {
			return source.Failed(err)
		}
		o := source.Collected(fmt.Sprintf("%d bytes of /dev/kmsg", len(v.kmsg)))
		if at, ok := firstStamp(v.kmsg); ok {
			o.Source.From = source.Wall(v.boot.Add(at))
		}
		o.Source.To = source.Wall(l.Now())
		return o.With(bundle.FileKmsg, v.kmsg).With(bundle.FileClock, clock)
	})
}

// firstStamp reads the stamp of the first record, in microseconds since the kernel's clock began:
//
//	6,1234,567890,-;text
func firstStamp(kmsg []byte) (time.Duration, bool) {
	head, _, _ := bytes.Cut(kmsg[:min(len(kmsg), 128)], []byte(";"))
	fields := strings.Split(string(head), ",")
	if len(fields) < 3 {
		return 0, false
	}
	us, err := strconv.ParseInt(fields[2], 10, 64)
	return time.Duration(us) * time.Microsecond, err == nil && us >= 0 && us < 1<<53
}

// group is the control group of the container's newest run, while it runs.
func (l *look) group(ctx context.Context) source.Outcome {
	if !l.NodeDebug {
		return source.Outcome{}
	}
	return l.ofNode(ctx, func(v *nodeView) source.Outcome {
		files := v.groups[l.Run.ID]
		if len(files) == 0 {
			return source.Absent("the run has no control group any more", "")
		}
		o := source.Collected("")
		for name, data := range files {
			o = o.With(bundle.DirCgroup+name, data)
		}
		return o
	})
}

// corePolicy is where the node's kernel would write a core file.
func (l *look) corePolicy(ctx context.Context) source.Outcome {
	if !l.NodeDebug {
		return source.Outcome{}
	}
	return l.ofNode(ctx, func(v *nodeView) source.Outcome {
		if v.pattern == "" {
			return source.Absent("core_pattern could not be read", "")
		}
		data, err := json.Marshal(map[string]any{"pattern": v.pattern, "usesPid": v.usesPID})
		if err != nil {
			return source.Failed(err)
		}
		return source.Collected("").With(bundle.FileCorePolicy, data)
	})
}

// asked tells whether a source was tried at all.
func asked(o source.Outcome) bool {
	return o.Source.Status != "" && o.Source.Status != fact.StatusNotAsked
}
