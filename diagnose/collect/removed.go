package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// lookInEvents finds a container that is gone: --rm, docker rm, compose down. Its
// inspect, log and layer went with it, but the engine's ring may still hold its
// events, with the exit code, and the kernel log its kill (docs/notes/DOCKER.md#a5). Of
// several of one name the newest is meant.
func (s *session) lookInEvents(ctx context.Context, ref string) (identified, bool) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	r, _, err := s.ring(ctx)
	if err != nil {
		return identified{}, false
	}
	defer r.Close()
	removed, ok := docker.NewestNamed(r, ref)
	if !ok {
		return identified{}, false
	}
	o := source.Absent("the container was removed; only the engine's events are left of it", "")
	o.Source.Name = fact.SourceInspect
	return identified{removed, o}, true
}

// logOfRemoved looks for the log of a container that is gone in this machine's journal, which keeps what the log driver
// journald wrote: Podman's usual one. With the others the log went with the container.
func (s *session) logOfRemoved(ctx context.Context) source.Outcome {
	const gone = "the container was removed, and its log with it"
	if !s.endpoint.Local || !docker.ValidID(s.container.ID) {
		return source.Absent(gone, "")
	}
	tail := source.NewTail(s.LogBytes, 64<<10)
	whole := s.ContainerJournal(ctx, s.container.ID, func(entry []byte) {
		var e journalEntry
		if json.Unmarshal(entry, &e) == nil {
			_, _ = tail.Write(e.line())
		}
	})
	whole = whole && tail.Dropped == 0
	text := tail.Lines()
	if len(text) == 0 {
		return source.Absent(gone+", unless its log driver was journald and the journal that we may read lacks it",
			"sudo journalctl -a CONTAINER_ID_FULL="+s.container.ID)
	}
	detail := fmt.Sprintf("journald, %d lines, %d bytes of a container that was removed", bytes.Count(text, []byte("\n")),
		len(text))
	o := source.Collected(detail)
	if !whole {
		o = source.Truncated(detail + "; older lines were left out, or not all were read in time")
	}
	o.Source.From, o.Source.To = logSpan(text)
	return o.With(bundle.FileLogs, text)
}
