package collect

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/containerd"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// session is one collection: its options, the engine, and what was learnt that
// several collectors need.
type session struct {
	Options
	endpoint  docker.Endpoint
	engine    docker.Engine
	mute      bool // nobody answered the ping in time
	container docker.Container

	logsRead chan struct{} // closed when the log collector has ended
	ringRead chan struct{} // closed when the event collector has ended, or there is none
	archives *atomic.Int64 // calls that were made

	infoOnce      func() infoResult
	hostOnce      func() hostProof
	relatedOnce   func() related
	changesOnce   func() source.Outcome // the writable layer's paths: of use to two collectors
	namesakesOnce func() []string       // the other engines that have a container of this name
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
	t, err := docker.Resolve(o.where())
	if err != nil {
		return nil, o.withOthers(err)
	}
	if containerd.Speaks(t.Endpoint) {
		s, err := open(ctx, o, t.Endpoint, o.containerd(t.Endpoint))
		return s, o.withOthers(err)
	}
	e, err := docker.New(t, o.Getenv("DOCKER_API_VERSION"), o.Timeout)
	if err != nil {
		return nil, &docker.UnreachableError{Endpoint: t.Endpoint, Err: err}
	}
	s, err := open(ctx, o, t.Endpoint, e)
	return s, o.withOthers(err)
}

// where is which engine the options mean.
func (o Options) where() docker.Where {
	return docker.Where{Host: o.Host, Context: o.Context, Getenv: o.Getenv, Socket: o.defaultSocket,
		Users: cmp.Or(o.userSockets, "/run/user")}
}

// withOthers adds to an error of an engine that cannot be asked which others this machine has.
func (o Options) withOthers(err error) error {
	var unreachable *docker.UnreachableError
	var denied *docker.DeniedError
	switch {
	case errors.As(err, &unreachable):
		unreachable.Others = o.where().Others(unreachable.Endpoint)
	case errors.As(err, &denied):
		denied.Others = o.where().Others(denied.Endpoint)
	}
	return err
}

func open(ctx context.Context, o Options, endpoint docker.Endpoint, e docker.Engine) (*session, error) {
	s := &session{Options: o, endpoint: endpoint, engine: e, logsRead: make(chan struct{}),
		ringRead: make(chan struct{}), archives: new(atomic.Int64)}
	patience := min(pingTimeout, o.Timeout)
	if endpoint.ThroughSSH() {
		patience = o.Timeout
	}
	pingCtx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := e.Ping(pingCtx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		e.Close()
		return nil, ctx.Err()
	case endpoint.Local && (docker.TimedOut(err) || errors.Is(err, syscall.EAGAIN)): // EAGAIN: its accept queue is full
		s.mute = true
	case docker.TimedOut(err): // of the name, the connect or the ping: the system's words tell only of our own deadline
		e.Close()
		return nil, &docker.UnreachableError{Endpoint: endpoint,
			Err: fmt.Errorf("no answer within %s", words.Duration(patience))}
	default:
		e.Close()
		return nil, docker.ConnectError(endpoint, err)
	}
	return s, nil
}

// startInfo asks for GET /info in the background, where that is not slow; info and host wait for it.
func (s *session) startInfo(ctx context.Context) {
	s.infoOnce = sync.OnceValue(func() infoResult { return s.fetchInfo(ctx) })
	s.hostOnce = sync.OnceValue(func() hostProof { return s.proveHost(ctx) })
	s.relatedOnce = sync.OnceValue(func() related { return s.findRelated(ctx) })
	s.namesakesOnce = sync.OnceValue(func() []string { return s.findNamesakes(ctx) })
	s.changesOnce = sync.OnceValue(func() source.Outcome {
		ctx, cancel := context.WithTimeout(ctx, s.Timeout)
		defer cancel()
		return readChanges(ctx, s)
	})
	if !s.podman() {
		go s.infoOnce()
	}
}

func (s *session) fetchInfo(ctx context.Context) infoResult {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := s.engine.Info(ctx)
	result := infoResult{raw: raw, err: err}
	if err == nil {
		result.err = json.Unmarshal(raw, &result.infoFacts)
	}
	return result
}

// info returns GET /info, asked once.
func (s *session) info(ctx context.Context) infoResult {
	return source.Await(ctx, s.infoOnce, func(err error) infoResult { return infoResult{err: err} })
}

// host returns whether the engine's kernel is ours, worked out once.
func (s *session) host(ctx context.Context) hostProof {
	return source.Await(ctx, s.hostOnce, func(err error) hostProof { return hostProof{reason: err.Error()} })
}

// hostProof says whether the engine runs on this very machine, and why we think so.
type hostProof struct {
	here   bool
	reason string
	daemon int  // dockerd's pid here; 0 = not known
	other  bool // it is proven to run elsewhere; without that and here, nobody knows
}

// proveHost looks for proof that the engine shares our kernel. The API tells no boot id, so: a container's pid whose
// cgroup holds its id, an engine that our own /proc shows at the socket's other end, or the container's layer on our
// disk. Only where none of them does is the engine asked for its kernel and memory: Podman takes 2 to 5 s for /info.
func (s *session) proveHost(ctx context.Context) hostProof {
	if !s.endpoint.Local {
		return hostProof{reason: "the engine is on another machine: " + s.endpoint.String(), other: true}
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	peer, _ := s.engine.PeerPID(ctx) // 0 where it cannot be told
	daemon := s.daemonPID(peer)
	here := func(format string, args ...any) hostProof {
		return hostProof{here: true, reason: fmt.Sprintf(format, args...), daemon: daemon}
	}
	switch {
	case s.container.PID > 0 && s.CgroupHolds(s.container.PID, s.container.ID):
		return here("the container's process is in this machine's /proc")
	case daemon > 0:
		return here("the engine is process %d of this machine", daemon)
	case peer > 0 && (s.Comm(peer) == "podman" || s.Comm(peer) == "containerd"):
		return here("the engine is process %d of this machine", peer)
	case filepath.IsAbs(s.container.UpperDir) && host.IsDir(s.container.UpperDir):
		return here("the container's layer is on this machine's disk")
	}
	return s.proveByInfo(ctx, peer, daemon)
}

// proveByInfo holds what the engine says of its machine against ours.
func (s *session) proveByInfo(ctx context.Context, peer, daemon int) hostProof {
	info := s.info(ctx)
	if info.err != nil {
		return hostProof{reason: "nothing proves that the engine runs on this machine: " + info.err.Error()}
	}
	if why := s.otherKernel(info.infoFacts); why != "" {
		return hostProof{reason: why, other: true}
	}
	// An ssh tunnel or Docker Desktop's proxy is no daemon; systemd listens with socket activation.
	if peer > 0 && s.Comm(peer) == "systemd" || host.IsDir(filepath.Join(info.DockerRootDir, "containers",
		s.container.ID)) {
		return hostProof{here: true, reason: "the engine reports this machine's kernel and memory", daemon: daemon}
	}
	return hostProof{reason: "nothing proves that the engine runs on this machine (is gwdoctor itself in a container?)"}
}

// otherKernel explains a difference between the engine's kernel and ours; "" = none.
func (s *session) otherKernel(info infoFacts) string {
	if ours := s.ProcText("sys/kernel/osrelease"); ours != info.KernelVersion {
		return fmt.Sprintf("the engine runs in a virtual machine or elsewhere: its kernel is %q, ours %q",
			info.KernelVersion, ours)
	}
	if ours := s.Memory(); ours != info.MemTotal {
		return fmt.Sprintf("the engine runs in a virtual machine or elsewhere: its memory is %d bytes, ours %d",
			info.MemTotal, ours)
	}
	return ""
}

// daemonPID returns dockerd's pid: the socket's listener or, with socket
// activation, what the pid file says, if a dockerd is really there.
func (s *session) daemonPID(peer int) int {
	if peer > 0 && s.Comm(peer) == "dockerd" {
		return peer
	}
	if peer <= 0 || s.Comm(peer) != "systemd" || s.podman() {
		return 0
	}
	text, _ := host.ReadCapped("/var/run/docker.pid", 64)
	pid, _ := strconv.Atoi(string(bytes.TrimSpace(text)))
	if pid > 0 && s.Comm(pid) == "dockerd" {
		return pid
	}
	return 0
}

// sudo is the command that looks again with root's eyes. For root the usual sockets are others than a user's own.
func (s *session) sudo() string {
	engine := ""
	if strings.HasPrefix(s.endpoint.Host, "unix:///run/user/") {
		engine = " --host " + source.ShellWord(s.endpoint.Host)
	}
	if s.container.Name == "" && s.Ref == "" {
		return "sudo gwdoctor sources" + engine
	}
	return "sudo gwdoctor diagnose " + source.ShellWord(cmp.Or(s.container.Name, s.Ref)) + engine
}

// engineFailure turns a failed call into an outcome: 404 after inspect means that
// the container was removed meanwhile.
func (s *session) engineFailure(err error) source.Outcome {
	var silent *source.SilentError
	switch {
	case errors.Is(err, errBudget), errors.As(err, &silent):
		return source.Failed(err)
	case docker.StatusCode(err) == 404:
		return source.Absent("removed while we looked: "+err.Error(), "")
	case docker.TimedOut(err):
		return source.Failed(fmt.Errorf("no answer within %s: %w", s.Timeout, err))
	case errors.Is(err, context.Canceled):
		return source.Failed(errors.New("interrupted"))
	}
	return source.Failed(err)
}

// unanswered is the outcome of an engine source when nothing can be asked: the
// engine is mute, or the container's id is not known.
func (s *session) unanswered() (source.Outcome, bool) {
	switch {
	case s.mute:
		return source.Failed(fmt.Errorf("not asked again: %w (ping and inspect timed out)", docker.ErrMute)), true
	case !s.container.Known:
		return source.Failed(fmt.Errorf("the container's id is not known: %w", s.container.InspectErr)), true
	}
	return source.Outcome{}, false
}
