package collect

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// LogStream is a container's log of all its runs, oldest line first: its newest part in CRI form or, followed, all of
// it and what comes as the engine sends it: frames with a header, or the raw text of a terminal, each line with its
// time.
type LogStream struct {
	io.ReadCloser
	Facts    *bundle.Bundle   // inspect and events, redacted: whose log it is, and when its runs began
	Redactor *redact.Redactor // knows the secrets of the container's environment
	Detail   string           // the log driver, what it may have lost, and what was left out
	// lines are missing: older ones beyond Options.LogBytes, or newer ones that did not come in time
	Truncated bool
}

// NoLogError says that the engine cannot give the log back: the service's words are somewhere else, or gone.
type NoLogError struct{ Name, Detail, Command string }

func (e *NoLogError) Error() string {
	return fmt.Sprintf("read log of container %q: %s", e.Name, e.Detail)
}

// Logs reads the newest Options.LogBytes of a container's log within Options.Timeout or, with follow, opens the whole
// log and what will be written to it, which may wait for ever and ends with ctx. It fails as [Container] does, and with
// *NoLogError.
func Logs(ctx context.Context, opts Options, follow bool) (*LogStream, error) {
	s, err := connect(ctx, opts.withDefaults())
	if err != nil {
		return nil, err
	}
	stream, err := s.logStream(ctx, follow)
	if err != nil {
		s.engine.Close()
		return nil, err
	}
	return stream, nil
}

func (s *session) logStream(ctx context.Context, follow bool) (*LogStream, error) {
	s.startInfo(ctx)
	found, err := s.identify(ctx)
	if err != nil {
		return nil, err
	}
	s.container = found.container
	b := bundle.New(s.ToolVersion, bundle.Target{ID: s.container.ID, Runtime: s.runtime(),
		Name: cmp.Or(s.container.Name, s.Ref)}, s.Now())
	found.outcome.Store(b)
	runAll(ctx, s, b, []collector{{fact.SourceEvents, collectEvents}})
	if o, ok := s.unanswered(); ok {
		return nil, fmt.Errorf("read log of container %q: %s", b.Manifest().Target.Name, o.Source.Detail)
	}
	stream := &LogStream{Facts: b, Redactor: redact.Knowing(b), Detail: s.driver()}
	if follow {
		err = s.followLog(ctx, stream)
	} else {
		err = s.recentLog(ctx, stream)
	}
	redact.Bundle(b)
	return stream, err
}

func (s *session) followLog(ctx context.Context, stream *LogStream) error {
	ctx, cancel := context.WithCancel(ctx)
	body, err := s.engine.Logs(ctx, s.container.ID, docker.LogQuery{Follow: true})
	if err != nil {
		cancel()
		return s.noLog(stream.Facts, s.unreadableLogs(err))
	}
	stream.ReadCloser = &followed{body: body, cancel: cancel, engine: s.engine}
	return nil
}

// recentLog reads as much as a diagnosis would, by the same way.
func (s *session) recentLog(ctx context.Context, stream *LogStream) error {
	defer s.engine.Close()
	o := runOne(ctx, s, collector{fact.SourceLogs, collectLogs})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(o.Files) == 0 {
		return s.noLog(stream.Facts, o)
	}
	stream.ReadCloser = io.NopCloser(bytes.NewReader(o.Files[0].Data))
	if stream.Truncated = o.Source.Status == fact.StatusTruncated; stream.Truncated {
		stream.Detail = o.Source.Detail
	}
	return nil
}

// noLog explains why there is no log.
func (s *session) noLog(b *bundle.Bundle, o source.Outcome) error {
	if o.Source.Status == fact.StatusAbsent {
		return &NoLogError{b.Manifest().Target.Name, o.Source.Detail, o.Source.Command}
	}
	return fmt.Errorf("read log of container %q: %s", b.Manifest().Target.Name, o.Source.Detail)
}

// followed is the log that an engine goes on sending.
type followed struct {
	body   io.ReadCloser
	cancel context.CancelFunc
	engine docker.Engine
}

func (f *followed) Read(p []byte) (int, error) { return f.body.Read(p) }

func (f *followed) Close() error {
	f.cancel()
	err := f.body.Close()
	f.engine.Close()
	return err
}
