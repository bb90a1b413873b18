package collect

import (
	"context"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// identified is the container, and what the source inspect gave.
type identified struct {
	container docker.Container
	outcome   source.Outcome
}

// hedgeDelay is how long inspect may stay silent before the other ways to the
// container's id are tried beside it. A blocked log driver hangs inspect of one
// container for minutes while the list still answers (docs/notes/DOCKER.md#a4).
const hedgeDelay = time.Second

// identify resolves Ref. When inspect gives no answer it falls back to the list
// and to the engine's files on disk, and if those fail, too, to what the user typed.
func (s *session) identify(ctx context.Context) (identified, error) {
	ref := strings.TrimPrefix(s.Ref, "/")
	if !docker.ValidRef(ref) {
		return identified{}, s.notFound(ctx, false)
	}
	bounded, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	inspected := make(chan identified, 1)
	go func() { inspected <- s.inspectOnce(bounded, ref) }()
	var aside <-chan lookup
	hedge := time.NewTimer(min(hedgeDelay, s.Timeout/2))
	defer hedge.Stop()
	for {
		select {
		case <-hedge.C:
			aside = s.lookAside(bounded, ref)
		case found := <-inspected:
			if found.container.Known {
				return found, nil
			}
			if aside == nil && ctx.Err() == nil {
				again, cancel := context.WithTimeout(ctx, s.Timeout)
				defer cancel()
				aside = s.lookAside(again, ref)
			}
			return s.withoutInspect(ctx, found, aside)
		}
	}
}

// inspectOnce asks the engine; the container is not Known when that failed.
func (s *session) inspectOnce(ctx context.Context, ref string) identified {
	raw, err := s.engine.Inspect(ctx, ref)
	if err == nil {
		var sub docker.Container
		if sub, err = docker.ParseInspect(raw); err == nil {
			o := source.Collected("")
			o.Source.Name = fact.SourceInspect
			return identified{sub, o.With(bundle.FileInspect, raw)}
		}
	}
	o := s.engineFailure(err)
	o.Source.Name = fact.SourceInspect
	return identified{docker.Container{ID: ref, InspectErr: err}, o}
}

// withoutInspect goes on when inspect gave no container: the end of it when the
// engine knows none, else with what the list and the disk tell.
func (s *session) withoutInspect(ctx context.Context, found identified, aside <-chan lookup) (identified, error) {
	err := found.container.InspectErr
	if ctx.Err() != nil {
		return identified{}, ctx.Err()
	}
	// 20.10 answers 500 "Multiple IDs found with provided prefix: 35", others 400.
	ambiguous := strings.Contains(strings.ToLower(err.Error()), "multiple ids found")
	if docker.StatusCode(err) == 404 && !ambiguous {
		if removed, ok := s.lookInEvents(ctx, found.container.ID); ok {
			return removed, nil
		}
	}
	if docker.StatusCode(err) == 404 || ambiguous {
		return identified{}, s.notFound(ctx, ambiguous)
	}
	other := <-aside
	if other.gone {
		return identified{}, s.notFound(ctx, false)
	}
	if other.container.Known {
		found.container = other.container
		found.container.InspectErr = err
		found.outcome.Source.Detail += "; the container was found through " + other.through
		if docker.TimedOut(err) && !s.mute {
			found.outcome.Source.Detail += "; a log driver that is stuck hangs inspect and logs of its one container (moby " +
				"#40063)"
		}
	}
	return found, nil
}

// lookup is what the ways beside inspect found.
type lookup struct {
	container docker.Container
	through   string // "the engine's list", a file's path
	gone      bool   // the list answered and knows no such container
}

// lookAside asks the list and the disk at once. The channel gives one answer,
// soon after ctx ends at the latest.
func (s *session) lookAside(ctx context.Context, ref string) <-chan lookup {
	result := make(chan lookup, 1)
	go func() {
		disk := make(chan lookup, 1)
		go func() { disk <- s.lookOnDisk(ctx, ref) }()
		listed := s.lookInList(ctx, ref)
		onDisk := source.Await(ctx, func() lookup { return <-disk }, func(error) lookup {
			select {
			case l := <-disk:
				return l
			default:
				return lookup{}
			}
		})
		result <- merge(listed, onDisk)
	}()
	return result
}

// merge prefers the disk's record, which knows the pid and the terminal, unless
// the list resolved the reference to another container.
func merge(listed, onDisk lookup) lookup {
	switch {
	case !listed.container.Known && onDisk.container.Known:
		return onDisk
	case !listed.container.Known || listed.container.ID != onDisk.container.ID:
		return listed
	}
	onDisk.container.Name = listed.container.Name
	onDisk.through = listed.through + " and " + onDisk.through
	return onDisk
}

func (s *session) lookInList(ctx context.Context, ref string) lookup {
	rows, err := s.rows(ctx, "")
	if err != nil {
		return lookup{}
	}
	row, ok := docker.Match(rows, ref)
	if !ok {
		return lookup{gone: true}
	}
	return lookup{container: row.Container(), through: "the engine's list"}
}
