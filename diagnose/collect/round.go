package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// Round is one pass over many containers of an engine. What is the same for all of
// them is asked once (the engine itself, its list, the ring of events, the kernel
// log, the journal's records of cores), over one connection pool, and never more than roundCalls calls to the
// engine are in flight. So the time that one container takes does not grow with
// their number. Give it to [Container] in [Options]; all calls of a round must name
// the same engine.
type Round struct {
	slots    chan struct{}
	asked    memo[[]byte]
	rings    memo[[]byte]
	kernel   memo[source.Outcome]
	cores    memo[[]coredump.JournalRecord]
	limits   memo[*int64] // the core limit that containers inherit
	backlogs memo[[]byte] // logs of the neighbours that several containers of a project depend on, by id

	budget time.Duration // of the whole round; 0 = none

	mu      sync.Mutex
	session *session  // of the first call; its engine serves all
	ends    time.Time // when the budget is used up; zero = not begun
}

const (
	// roundCalls is how many calls to the engine a round has in flight. 20.10 answers
	// most of them under one lock a container; more only makes it slower.
	roundCalls = 8
	// roundAge is how long what is shared may serve: a round over hundreds of
	// containers should not tell of a list that is a minute old.
	roundAge = 5 * time.Second
)

// NewRound returns an empty round. Close it after the last call. budget is how long all of
// it may take from its first container on; 0 = as long as it takes. What runs when it is
// used up ends with what it has, and what has not begun is skipped ([SkippedError]).
func NewRound(budget time.Duration) *Round {
	return &Round{slots: make(chan struct{}, roundCalls), budget: budget}
}

// SkippedError says that the round's budget was used up before a container was known.
type SkippedError struct {
	Ref    string
	Budget time.Duration
}

func (e *SkippedError) Error() string {
	return fmt.Sprintf("container %q was not looked at: the %s for all of them were used up; --budget gives more",
		e.Ref, e.Budget)
}

// forget drops what the engine said, where that is known to be out of date.
func (r *Round) forget() {
	if r == nil {
		return
	}
	r.asked.mu.Lock()
	defer r.asked.mu.Unlock()
	r.asked.answers = nil
}

// errBudget is the cause with which a round's contexts end.
var errBudget = errors.New("the time for all containers was used up (--budget gives more)")

// within bounds a call by the round's budget, and refuses it where that is used up.
func (r *Round) within(ctx context.Context, ref string) (context.Context, context.CancelFunc, error) {
	if r == nil || r.budget <= 0 {
		return ctx, func() {}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ends.IsZero() {
		r.ends = time.Now().Add(r.budget)
	}
	if !time.Now().Before(r.ends) {
		return nil, nil, &SkippedError{Ref: ref, Budget: r.budget}
	}
	ctx, cancel := context.WithDeadlineCause(ctx, r.ends, errBudget)
	return ctx, cancel, nil
}

// Close gives the connections back.
func (r *Round) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session != nil {
		r.session.engine.Close()
		r.session = nil
	}
}

// connect is connect for a session of the round: the first one opens the engine.
// A failure is told to each anew, for the engine may come up meanwhile.
func (r *Round) connect(ctx context.Context, o Options) (*session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.session == nil {
		alone := o
		alone.Round = nil
		first, err := connect(ctx, alone)
		if err != nil {
			return nil, err
		}
		r.session = first
	}
	shared := &sharedEngine{Engine: r.session.engine, round: r, clock: o.Now}
	return &session{Options: o, endpoint: r.session.endpoint, engine: shared, mute: r.session.mute,
		logsRead: make(chan struct{}),
		ringRead: make(chan struct{}), archives: new(atomic.Int64)}, nil
}

// ring returns the engine's ring of events and the moment at which it was read. A
// reading of the round serves a container that had come to rest before it; one that
// moved since gets a new one, or its last events would seem not to have happened.
func (s *session) ring(ctx context.Context) (io.ReadCloser, time.Time, error) {
	now := s.Now()
	if s.Round == nil {
		r, err := s.engine.Events(ctx, s.container.Created, now)
		return r, now, err
	}
	raw, at, err := s.Round.rings.get(ctx, "", s.settled(now), now, func() ([]byte, error) {
		r, err := s.engine.Events(ctx, time.Time{}, now)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(io.LimitReader(r, docker.EventBytes+1))
	})
	return io.NopCloser(bytes.NewReader(raw)), at, err
}

// rest is how long after its last change a container counts as settled: the engine
// writes events and the kernel its lines a moment after the state.
const rest = time.Second

// settled is the moment from which on nothing happened to the container any more.
func (s *session) settled(now time.Time) time.Time {
	if s.container.Running || !s.container.Known || s.container.Changed.IsZero() {
		return now
	}
	return s.container.Changed.Add(rest)
}

// memo keeps the answers to questions that several ask.
type memo[T any] struct {
	mu      sync.Mutex
	answers map[string]*answer[T]
}

type answer[T any] struct {
	at    time.Time
	ready chan struct{}
	value T
	err   error
}

// get returns the answer to a question that was asked at or after since and is not
// too old by now, or asks it. Several who ask at once wait for one answer. A failed
// answer serves only those that waited for it.
func (m *memo[T]) get(ctx context.Context, key string, since, now time.Time, ask func() (T, error)) (value T,
	at time.Time, err error) {
	m.mu.Lock()
	if m.answers == nil {
		m.answers = map[string]*answer[T]{}
	}
	a := m.answers[key]
	if a == nil || a.at.Before(since) || now.Sub(a.at) > roundAge {
		a = &answer[T]{at: now, ready: make(chan struct{})}
		m.answers[key] = a
		m.mu.Unlock()
		a.value, a.err = ask()
		if a.err != nil {
			m.forget(key, a)
		}
		close(a.ready)
		return a.value, a.at, a.err
	}
	m.mu.Unlock()
	select {
	case <-a.ready:
		if errors.Is(a.err, context.Canceled) && ctx.Err() == nil { // whoever asked has gone, we have not
			return m.get(ctx, key, since, now, ask)
		}
		return a.value, a.at, a.err
	case <-ctx.Done():
		return value, at, ctx.Err()
	}
}

func (m *memo[T]) forget(key string, a *answer[T]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers[key] == a {
		delete(m.answers, key)
	}
}

// sharedEngine is the engine as one session of a round sees it: bounded, and asked
// once what all want to know. Inspects are shared for a moment, too, because
// containers of one project describe the same neighbours.
type sharedEngine struct {
	docker.Engine
	round *Round
	clock func() time.Time
}

func (e *sharedEngine) Close() {} // the round closes it

func (e *sharedEngine) enter(ctx context.Context) error {
	select {
	case e.round.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *sharedEngine) leave() { <-e.round.slots }

// ask makes one bounded call.
func (e *sharedEngine) ask(ctx context.Context, call func() ([]byte, error)) ([]byte, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	defer e.leave()
	return call()
}

// share makes one bounded call for all who ask the same.
func (e *sharedEngine) share(ctx context.Context, question string, call func() ([]byte, error)) ([]byte, error) {
	now := e.now()
	raw, _, err := e.round.asked.get(ctx, question, now.Add(-roundAge), now, func() ([]byte, error) {
		return e.ask(ctx, call)
	})
	return raw, err
}

func (e *sharedEngine) now() time.Time { return e.clock() }

func (e *sharedEngine) Ping(context.Context) error { return nil } // the round's first call has done it

func (e *sharedEngine) Version(ctx context.Context) ([]byte, error) {
	return e.share(ctx, "version", func() ([]byte, error) { return e.Engine.Version(ctx) })
}

func (e *sharedEngine) Info(ctx context.Context) ([]byte, error) {
	return e.share(ctx, "info", func() ([]byte, error) { return e.Engine.Info(ctx) })
}

func (e *sharedEngine) List(ctx context.Context, label string) ([]byte, error) {
	return e.share(ctx, "list "+label, func() ([]byte, error) { return e.Engine.List(ctx, label) })
}

func (e *sharedEngine) Inspect(ctx context.Context, ref string) ([]byte, error) {
	return e.share(ctx, "inspect "+ref, func() ([]byte, error) { return e.Engine.Inspect(ctx, ref) })
}

func (e *sharedEngine) PodmanRecord(ctx context.Context, id string) ([]byte, error) {
	return e.ask(ctx, func() ([]byte, error) { return e.Engine.PodmanRecord(ctx, id) })
}

func (e *sharedEngine) Image(ctx context.Context, ref string) ([]byte, error) {
	return e.share(ctx, "image "+ref, func() ([]byte, error) { return e.Engine.Image(ctx, ref) })
}

func (e *sharedEngine) Changes(ctx context.Context, id string) ([]byte, error) {
	return e.ask(ctx, func() ([]byte, error) { return e.Engine.Changes(ctx, id) })
}

func (e *sharedEngine) Events(ctx context.Context, since, now time.Time) (io.ReadCloser, error) {
	return e.stream(ctx, func() (io.ReadCloser, error) { return e.Engine.Events(ctx, since, now) })
}

func (e *sharedEngine) Logs(ctx context.Context, id string, q docker.LogQuery) (io.ReadCloser, error) {
	return e.stream(ctx, func() (io.ReadCloser, error) { return e.Engine.Logs(ctx, id, q) })
}

// stream makes one bounded call, which lasts until its answer is closed.
func (e *sharedEngine) stream(ctx context.Context, call func() (io.ReadCloser, error)) (io.ReadCloser, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	r, err := call()
	if err != nil {
		e.leave()
		return nil, err
	}
	return &boundedStream{ReadCloser: r, leave: sync.OnceFunc(e.leave)}, nil
}

type boundedStream struct {
	io.ReadCloser
	leave func()
}

func (b *boundedStream) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}
