package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// session is one collection: its options, the engine, and what was learnt that
// several collectors need.
type session struct {
	Options
	endpoint Endpoint
	engine   engine
	mute     bool // nobody answered the ping in time
	subject  subject

	logsRead chan struct{} // closed when the log collector has ended

	infoOnce    func() infoResult
	hostOnce    func() hostProof
	changesOnce func() outcome // the writable layer's paths: of use to two collectors
}

// subject is what the collectors must know of the container. It comes from
// inspect or, when that hangs, from the list or the engine's own file.
type subject struct {
	ID, Name   string // ID is what the user typed, and Known false, when nobody could resolve it
	Known      bool
	Running    bool
	PID        int // init, in the engine's pid namespace; 0 = not running or not known
	ImageID    string
	LogDriver  string
	LogMode    string // "non-blocking" or ""
	LogOpts    map[string]string
	Network    string   // HostConfig.NetworkMode
	Project    string   // com.docker.compose.project
	UpperDir   string   // the writable layer's folder on the engine's machine; "" = not told
	LowerDirs  []string // and those of its image, the topmost first
	Mounts     []Mount
	Hostname   string // Config.Hostname: the id's first 12 digits unless set
	WorkingDir string
	StartedAt  time.Time // of the newest run; zero = not known
	Changed    time.Time // its last start or end, or its creation; zero = not told
	inspectErr error     // why inspect did not answer; nil = it did
}

// layers are the folders of the container's root, the topmost first; none where they
// are not told.
func (s *subject) layers() []string {
	if s.UpperDir == "" {
		return nil
	}
	return append([]string{s.UpperDir}, s.LowerDirs...)
}

// infoFacts is the part of GET /info that collectors use.
type infoFacts struct {
	KernelVersion, DockerRootDir, CgroupVersion string
	MemTotal                                    int64
	SecurityOptions                             []string
}

type infoResult struct {
	infoFacts
	raw []byte
	err error
}

// connect finds the engine and asks whether it lives. A mute engine is not an
// error: the machine may still know why.
func connect(ctx context.Context, o Options) (*session, error) {
	if o.Round != nil {
		return o.Round.connect(ctx, o)
	}
	t, err := resolve(o)
	if err != nil {
		return nil, err
	}
	e, err := newDockerEngine(t, o.Getenv("DOCKER_API_VERSION"))
	if err != nil {
		return nil, &UnreachableError{Endpoint: t.Endpoint, Err: err}
	}
	return open(ctx, o, t.Endpoint, e)
}

func open(ctx context.Context, o Options, endpoint Endpoint, e engine) (*session, error) {
	s := &session{Options: o, endpoint: endpoint, engine: e, logsRead: make(chan struct{})}
	pingCtx, cancel := context.WithTimeout(ctx, min(pingTimeout, o.Timeout))
	defer cancel()
	err := e.ping(pingCtx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		e.close()
		return nil, ctx.Err()
	case endpoint.Local && (timedOut(err) || errors.Is(err, syscall.EAGAIN)): // EAGAIN: its accept queue is full
		s.mute = true
	default:
		e.close()
		return nil, connectError(endpoint, err)
	}
	return s, nil
}

// startInfo asks for GET /info in the background; info and host wait for it.
func (s *session) startInfo(ctx context.Context) {
	s.infoOnce = sync.OnceValue(func() infoResult { return s.fetchInfo(ctx) })
	s.hostOnce = sync.OnceValue(func() hostProof { return s.proveHost(ctx) })
	s.changesOnce = sync.OnceValue(func() outcome {
		ctx, cancel := context.WithTimeout(ctx, s.Timeout)
		defer cancel()
		return readChanges(ctx, s)
	})
	go s.infoOnce()
}

func (s *session) fetchInfo(ctx context.Context) infoResult {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := s.engine.info(ctx)
	result := infoResult{raw: raw, err: err}
	if err == nil {
		result.err = json.Unmarshal(raw, &result.infoFacts)
	}
	return result
}

// info returns GET /info, asked once.
func (s *session) info(ctx context.Context) infoResult {
	return await(ctx, s.infoOnce, func(err error) infoResult { return infoResult{err: err} })
}

// host returns whether the engine's kernel is ours, worked out once.
func (s *session) host(ctx context.Context) hostProof {
	return await(ctx, s.hostOnce, func(err error) hostProof { return hostProof{reason: err.Error()} })
}

// await calls f, which heeds no context of ours, and gives up when ctx ends.
func await[T any](ctx context.Context, f func() T, late func(error) T) T {
	done := make(chan T, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- late(fmt.Errorf("panic: %v at %s", p, panicSite(debug.Stack())))
			}
		}()
		done <- f()
	}()
	select {
	case v := <-done:
		return v
	case <-ctx.Done():
		return late(ctx.Err())
	}
}

// hostProof says whether the engine runs on this very machine, and why we think so.
type hostProof struct {
	here   bool
	reason string
	daemon int // dockerd's pid here; 0 = not known
}

// daemons are the processes that may listen on the socket of an engine of this
// machine; systemd does with socket activation. An ssh tunnel or Docker Desktop's
// proxy is none of them.
var daemons = map[string]bool{"dockerd": true, "podman": true, "systemd": true}

// proveHost looks for proof that the engine shares our kernel. The API tells no
// boot id, so: a container's pid whose cgroup holds its id proves it at once;
// otherwise the listener must be a daemon of our pid namespace, or the engine's
// kernel and memory must be ours and the container's folder on our disk.
func (s *session) proveHost(ctx context.Context) hostProof {
	if !s.endpoint.Local {
		return hostProof{reason: "the engine is on another machine: " + s.endpoint.String()}
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	daemon := s.daemonPID(ctx)
	if s.subject.PID > 0 && s.cgroupHolds(s.subject.PID, s.subject.ID) {
		return hostProof{here: true, reason: "the container's process is in this machine's /proc", daemon: daemon}
	}
	info := s.info(ctx)
	if info.err != nil { // mute: a dockerd that our own /proc shows is proof enough
		if daemon > 0 {
			return hostProof{here: true, reason: fmt.Sprintf("the engine is process %d of this machine", daemon), daemon: daemon}
		}
		return hostProof{reason: "nothing proves that the engine runs on this machine: " + info.err.Error()}
	}
	if why := s.otherKernel(info.infoFacts); why != "" {
		return hostProof{reason: why}
	}
	if daemon > 0 || s.listenerIsDaemon(ctx) || isDir(filepath.Join(info.DockerRootDir, "containers", s.subject.ID)) {
		return hostProof{here: true, reason: "the engine reports this machine's kernel and memory", daemon: daemon}
	}
	return hostProof{reason: "nothing proves that the engine runs on this machine (is gwdoctor itself in a container?)"}
}

// otherKernel explains a difference between the engine's kernel and ours; "" = none.
func (s *session) otherKernel(info infoFacts) string {
	if ours := s.procText("sys/kernel/osrelease"); ours != info.KernelVersion {
		return fmt.Sprintf("the engine runs in a virtual machine or elsewhere: its kernel is %q, ours %q", info.KernelVersion, ours)
	}
	if ours := s.memory(); ours != info.MemTotal {
		return fmt.Sprintf("the engine runs in a virtual machine or elsewhere: its memory is %d bytes, ours %d", info.MemTotal, ours)
	}
	return ""
}

// daemonPID returns dockerd's pid: the socket's listener or, with socket
// activation, what the pid file says, if a dockerd is really there.
func (s *session) daemonPID(ctx context.Context) int {
	pid, err := s.engine.peerPID(ctx)
	if err == nil && pid > 0 && s.comm(pid) == "dockerd" {
		return pid
	}
	if err != nil || s.comm(pid) != "systemd" {
		return 0
	}
	text, _ := readCapped("/var/run/docker.pid", 64)
	pid, _ = strconv.Atoi(string(bytes.TrimSpace(text)))
	if pid > 0 && s.comm(pid) == "dockerd" {
		return pid
	}
	return 0
}

func (s *session) listenerIsDaemon(ctx context.Context) bool {
	pid, err := s.engine.peerPID(ctx)
	return err == nil && pid > 0 && daemons[s.comm(pid)]
}

// sudo is the command that looks again with root's eyes.
func (s *session) sudo() string {
	if s.subject.Name == "" && s.Ref == "" {
		return "sudo gwdoctor sources"
	}
	return "sudo gwdoctor diagnose " + shellWord(orDefault(s.subject.Name, s.Ref))
}

// shellWord quotes a name for a command line that a person will copy.
func shellWord(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:=", r)
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// wall returns t in UTC, as a pointer for a source's span.
func wall(t time.Time) *time.Time {
	t = t.UTC()
	return &t
}

// engineFailure turns a failed call into an outcome: 404 after inspect means that
// the container was removed meanwhile.
func (s *session) engineFailure(err error) outcome {
	switch {
	case statusCode(err) == 404:
		return absent("removed while we looked: "+err.Error(), "")
	case timedOut(err):
		return failed(fmt.Errorf("no answer within %s: %w", s.Timeout, err))
	case errors.Is(err, context.Canceled):
		return failed(errors.New("interrupted"))
	}
	return failed(err)
}

// unanswered is the outcome of an engine source when nothing can be asked: the
// engine is mute, or the container's id is not known.
func (s *session) unanswered() (outcome, bool) {
	switch {
	case s.mute:
		return failed(fmt.Errorf("not asked again: %w (ping and inspect timed out)", errMute)), true
	case !s.subject.Known:
		return failed(fmt.Errorf("the container's id is not known: %w", s.subject.inspectErr)), true
	}
	return outcome{}, false
}
