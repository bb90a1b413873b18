package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

const (
	ExecOutput = 4096 // bytes kept, as the engine keeps of its own probes
	execSettle = time.Second
	// markerName is the variable by which a probe's processes are found again; the
	// one thing in which a replayed probe differs from the engine's.
	MarkerName = "GWDOCTOR_PROBE"
)

// Exec replays the configured check through the exec API. The engine has no
// call that kills an exec, and one whose client hangs up goes on for ever (measured
// on 20.10; the code up to 28 is the same), so ending it is done here.
type Exec struct {
	engine    docker.ExecEngine
	container string          // its id
	here      *host.Processes // nil: the engine is elsewhere, what is to be ended is ended from inside
	limit     time.Duration   // of one call to the engine
	command   docker.ExecCommand
	within    []string // put before the command, and ends it should nobody else
	timeout   time.Duration
	Watch     func(*replay.Record)
	marker    string // common beginning of the probes' marks
	serial    atomic.Int64
	Killed    atomic.Int64
}

func NewExec(engine docker.ExecEngine, container string, here *host.Processes, limit time.Duration,
	command docker.ExecCommand, timeout time.Duration) *Exec {
	var random [8]byte
	rand.Read(random[:])
	command.AttachStdout, command.AttachStderr = true, true
	return &Exec{engine: engine, container: container, here: here, limit: limit, command: command, timeout: timeout,
		marker: hex.EncodeToString(random[:])}
}

// Probe runs the check once.
func (x *Exec) Probe(ctx context.Context) replay.Record {
	run := execRun{Exec: x, mark: fmt.Sprintf("%s=%s.%d.", MarkerName, x.marker, x.serial.Add(1))}
	r := replay.Record{At: time.Now().UTC(), Reached: replay.PhaseExec}
	start := time.Now()
	err := run.start(ctx)
	if err == nil {
		err = run.wait(ctx, start, &r)
	}
	r.TookMs = Millis(time.Since(start))
	run.finish(ctx, err, &r)
	return r
}

// execRun is one exec under way.
type execRun struct {
	*Exec
	mark   string
	id     string
	stop   context.CancelFunc // ends the stream
	stream io.ReadCloser
	output outputHead
	ended  chan struct{} // closed at the end of the output
}

func (run *execRun) start(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, run.limit)
	defer cancel()
	command := run.command
	command.Cmd = append(slices.Clone(run.within), command.Cmd...)
	command.Env = []string{run.mark}
	var err error
	if run.id, err = run.engine.ExecCreate(bounded, run.container, command); err != nil {
		return err
	}
	// The stream outlives ctx, so that the check's last words are read; not its own time.
	streaming, stop := context.WithTimeout(context.WithoutCancel(ctx), run.timeout+run.limit)
	heard := context.AfterFunc(ctx, stop) // until the engine has begun to answer
	run.stop = stop
	if run.stream, err = run.engine.ExecStart(streaming, run.id); err != nil {
		stop()
		return err
	}
	heard()
	run.ended = make(chan struct{})
	go func() {
		defer close(run.ended)
		run.output.read(run.stream)
	}()
	return nil
}

// errProbeTimeout is the check's own timeout.
var errProbeTimeout = errors.New("no end within the timeout")

// wait waits for the end of the output: like the engine's probes, an exec is over
// only when nobody holds its output any more.
func (run *execRun) wait(ctx context.Context, start time.Time, r *replay.Record) error {
	defer run.stop()
	defer run.stream.Close()
	margin := min(max(run.timeout/10, 20*time.Millisecond), 200*time.Millisecond)
	look := time.NewTimer(time.Until(start.Add(run.timeout - margin)))
	defer look.Stop()
	deadline := time.NewTimer(time.Until(start.Add(run.timeout)))
	defer deadline.Stop()
	for {
		select {
		case <-run.ended:
			return nil
		case <-look.C:
			if run.Watch != nil {
				run.Watch(r)
			}
		case <-deadline.C:
			return errProbeTimeout
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// finish ends what still runs and writes the result into the record.
func (run *execRun) finish(ctx context.Context, err error, r *replay.Record) {
	after, cancel := source.Tidy(ctx, run.limit)
	defer cancel()
	if err != nil && run.id != "" {
		run.end(after)
	}
	r.Output, r.OutputCut = run.output.text()
	switch {
	case errors.Is(err, errProbeTimeout):
		r.Fault, r.Detail = replay.FaultTimeout, err.Error()
		return
	case ctx.Err() != nil:
		r.Fault = replay.FaultCancelled
		return
	case err != nil:
		r.Fault, r.Detail = replay.FaultEngine, err.Error()
		return
	}
	code, err := run.exitCode(after)
	if err != nil {
		r.Fault, r.Detail = replay.FaultEngine, err.Error()
		return
	}
	if r.ExitCode = &code; code != 0 {
		r.Fault, r.Detail = replay.FaultStatus, "exit code "+strconv.Itoa(code)
	} else {
		r.Reached = replay.PhaseDone
	}
}

// execState is the part of GET /exec/ID/json that is used.
type execState struct {
	Running  bool
	ExitCode *int
	Pid      int // in the engine's pid namespace
}

func (run *execRun) state(ctx context.Context) (execState, error) {
	raw, err := run.engine.ExecInspect(ctx, run.id)
	if err != nil {
		return execState{}, err
	}
	var state execState
	return state, json.Unmarshal(raw, &state)
}

// exitCode waits for the engine to note the end, which comes a little after that
// of the output.
func (run *execRun) exitCode(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, execSettle)
	defer cancel()
	for {
		state, err := run.state(ctx)
		if err != nil {
			return 0, err
		}
		if !state.Running && state.ExitCode != nil {
			return *state.ExitCode, nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return 0, errors.New("the engine knows no exit code of the probe")
		}
	}
}

// outputHead keeps the first bytes of an exec's output and drops the rest, however
// much comes.
type outputHead struct {
	mu   sync.Mutex
	kept []byte
	cut  bool
}

// read takes the stream apart: frames of an 8-byte head (stream, 0, 0, 0, length
// big-endian) and that many bytes.
func (o *outputHead) read(r io.Reader) {
	var head [8]byte
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		if _, err := io.CopyN(o, r, int64(binary.BigEndian.Uint32(head[4:]))); err != nil {
			return
		}
	}
}

func (o *outputHead) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	room := ExecOutput - len(o.kept)
	o.kept = append(o.kept, data[:min(len(data), room)]...)
	o.cut = o.cut || len(data) > room
	return len(data), nil
}

func (o *outputHead) text() (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.ToValidUTF8(string(o.kept), "\uFFFD"), o.cut
}

// OverheadRuns is how often an exec of nothing is measured.
const OverheadRuns = 3

// killMargin is how long after its own time a probe lives that nobody ended.
const killMargin = 5 * time.Second

// Bound lets timeout(1) of the image end each probe a while after its own time: should
// gwdoctor be killed itself (SIGKILL), no check goes on running. Where an exec of nothing
// does not pass under it (busybox before 1.30 has other arguments), [Exec.Overhead] takes
// it off again.
func (x *Exec) Bound() {
	seconds := int((x.timeout + killMargin + time.Second - 1) / time.Second)
	x.within = []string{"timeout", "-s", "KILL", strconv.Itoa(seconds)}
}

// Refused tells why nobody may run a program in the container by this way to the engine; nil = one may, or it was not
// said. That is no fault of the check.
func (x *Exec) Refused(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, x.limit)
	defer cancel()
	_, err := x.engine.ExecCreate(ctx, x.container, docker.ExecCommand{Cmd: []string{"true"}})
	if docker.Forbidden(err) {
		return err
	}
	return nil
}

// Overhead measures what an exec of nothing costs, in milliseconds; none where the
// image has no `true` to run. endless = it had no end in time: so will no check, and each costs its whole timeout.
func (x *Exec) Overhead(ctx context.Context) (ms []float64, endless bool) {
	nothing := *NewExec(x.engine, x.container, x.here, x.limit,
		docker.ExecCommand{Cmd: []string{"true"}, User: x.command.User}, x.limit)
	nothing.within = x.within
	list := []float64{}
	for range OverheadRuns {
		r := nothing.Probe(ctx)
		switch {
		case r.Fault == replay.FaultTimeout:
			return []float64{}, true
		case r.Fault != "" && x.within != nil && ctx.Err() == nil:
			x.within = nil
			return x.Overhead(ctx)
		case r.Fault != "":
			return []float64{}, false
		}
		list = append(list, r.TookMs)
	}
	return list, false
}
