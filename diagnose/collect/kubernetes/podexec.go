package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/health/check"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// The channels of a command.
const (
	execStdout = 1
	execStderr = 2
	execStatus = 3
)

// outputKept is how much of a probe's output the kubelet keeps (pkg/probe/exec).
const outputKept = 10 << 10

// ended is how a command in a container ended.
type ended struct {
	code   int
	output string
	cut    bool
}

// command runs one in a container, as `kubectl exec` does. Where ctx ends it goes on: nothing in the API ends it.
func (l *look) command(ctx context.Context, words []string) (ended, error) {
	ch, err := l.client.channels(ctx, path("pods", l.Found.Namespace, l.Name, "exec"), url.Values{
		"container": {l.Run.Container}, "command": words, "stdout": {"true"}, "stderr": {"true"}})
	if err != nil {
		return ended{}, err
	}
	defer ch.Close()
	stop := context.AfterFunc(ctx, func() { ch.Close() })
	defer stop()
	var e ended
	for {
		id, data, err := ch.next()
		switch {
		case err != nil && ctx.Err() != nil:
			return e, ctx.Err()
		case errors.Is(err, io.EOF):
			return e, errors.New("the kubelet closed the connection without saying how the command ended")
		case err != nil:
			return e, err
		case id == execStatus:
			e.code, err = exitStatus(data)
			return e, err
		case id == execStdout || id == execStderr:
			room := outputKept - len(e.output)
			e.output += string(data[:min(len(data), room)])
			e.cut = e.cut || len(data) > room
		}
	}
}

// exitStatus reads the last message of a command:
//
//	{"metadata":{},"status":"Success"}
//	{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"1"}]}}
func exitStatus(data []byte) (int, error) {
	var s struct {
		Status, Message string
		Details         struct {
			Causes []struct{ Reason, Message string }
		}
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return 0, errors.New("the kubelet's word on how the command ended cannot be read")
	}
	if s.Status == "Success" {
		return 0, nil
	}
	for _, c := range s.Details.Causes {
		if n, err := strconv.Atoi(c.Message); err == nil && c.Reason == "ExitCode" {
			return n, nil
		}
	}
	return 0, errors.New(short(s.Message))
}

// exec runs the probe's own command in the container. The kubelet kills one that takes too long; the API has nothing
// that would, so it runs under timeout(1) where the image has that, and else not again once one did not end.
func (p *replaying) exec(ctx context.Context) source.Outcome {
	p.record.Kind, p.record.Vantage = check.ActionExec, replay.VantageExec
	p.record.Proves = "what the kubelet does: the same command in the container, within its limits"
	bound, err := p.bound(ctx)
	if err != nil {
		o := p.refused(err, podsExec)
		if o.Source.Status == fact.StatusDenied {
			o.Source.Detail += "; by hand: " + p.byHand()
		}
		return o
	}
	words := p.asks.Command
	if bound {
		words = append([]string{"timeout", "-s", "KILL", strconv.Itoa(int(max(p.Timeout.Round(time.Second)/time.Second, 1)))},
			words...)
	}
	living, stop := context.WithCancel(ctx)
	defer stop()
	parallel := execParallel
	if !bound {
		parallel = 1 // the next one waits for this one's end, if it has one
	}
	return p.run(living, execCount, parallel, execInterval, func(ctx context.Context) replay.Record {
		if p.record.Ended != "" {
			stop()
			return replay.Record{Fault: replay.FaultCancelled}
		}
		r := p.ran(ctx, words, bound)
		if r.Fault == replay.FaultTimeout && !bound {
			p.record.Ended = "the image has no timeout(1), and the command did not end: it is left to itself in the container"
		}
		return r
	})
}

// byHand is the command with which a person runs the probe.
func (p *replaying) byHand() string {
	words := []string{"kubectl", "-n", p.Found.Namespace, "exec", p.Name, "-c", p.Run.Container, "--"}
	for _, w := range p.asks.Command {
		words = append(words, source.ShellWord(w))
	}
	return strings.Join(words, " ")
}

// bound tells whether the image has timeout(1), and measures on the way what a command of nothing costs.
func (p *replaying) bound(ctx context.Context) (bool, error) {
	for range 2 {
		limited, cancel := context.WithTimeout(ctx, p.Session.Timeout)
		began := time.Now()
		e, err := p.command(limited, []string{"timeout", "-s", "KILL", "1", "true"})
		cancel()
		switch {
		case code(err) != 0 || ctx.Err() != nil:
			return false, p.explained(err)
		case err != nil || e.code != 0:
			return false, nil
		}
		p.record.OverheadMs = append(p.record.OverheadMs, probe.Millis(time.Since(began)))
	}
	return true, nil
}

// killedByTimeout is the code of a command that timeout -s KILL ended.
const killedByTimeout = 137

func (p *replaying) ran(ctx context.Context, words []string, bound bool) replay.Record {
	const grace = 2 * time.Second // timeout(1) rounds up, and tells it over the network
	limit := p.Timeout
	if bound {
		limit += grace
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	r := replay.Record{At: began.UTC(), Reached: replay.PhaseExec}
	e, err := p.command(limited, words)
	took := time.Since(began)
	r.TookMs, r.Output, r.OutputCut = probe.Millis(took), strings.ToValidUTF8(e.output, "?"), e.cut
	switch {
	case ctx.Err() != nil:
		r.Fault = replay.FaultCancelled
	case limited.Err() != nil, err == nil && bound && e.code == killedByTimeout && took >= p.Timeout:
		r.Fault, r.TookMs = replay.FaultTimeout, probe.Millis(p.Timeout)
		r.Detail = fmt.Sprintf("did not end within %s", p.Timeout)
	case err != nil:
		r.Fault, r.Detail = replay.FaultEngine, short(err.Error())
	default:
		r.ExitCode, r.Reached = &e.code, replay.PhaseDone
		if e.code != 0 {
			r.Fault, r.Reached = replay.FaultStatus, replay.PhaseExec
		}
	}
	return r
}
