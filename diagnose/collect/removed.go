package collect

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// lookInEvents finds a container that is gone: --rm, docker rm, compose down. Its
// inspect, log and layer went with it, but the engine's ring may still hold its
// events, with the exit code, and the kernel log its kill (DOCKER.md A5). Of
// several of one name the newest is meant.
func (s *session) lookInEvents(ctx context.Context, ref string) (identified, bool) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	r, _, err := s.ring(ctx)
	if err != nil {
		return identified{}, false
	}
	defer r.Close()
	removed, ok := newestNamed(r, ref)
	if !ok {
		return identified{}, false
	}
	o := absent("the container was removed; only the engine's events are left of it", "")
	o.source.Name = fact.SourceInspect
	return identified{removed, o}, true
}

// newestNamed returns the container of the newest event whose id, id prefix of at
// least twelve digits, or name is ref.
func newestNamed(r io.Reader, ref string) (subject, bool) {
	var found subject
	var newest time.Time
	scanner := bufio.NewScanner(io.LimitReader(r, eventBytes))
	scanner.Buffer(make([]byte, 0, 64<<10), maxEventLine)
	for scanner.Scan() {
		var e rawEvent
		if json.Unmarshal(scanner.Bytes(), &e) != nil || e.Type != "container" || !validID(e.Actor.ID) {
			continue
		}
		name := e.Actor.Attributes["name"]
		byID := len(ref) >= shortID && strings.HasPrefix(e.Actor.ID, ref)
		if (byID || name == ref) && !e.at().Before(newest) {
			newest = e.at()
			found = subject{ID: e.Actor.ID, Name: name, Known: true, Project: e.Actor.Attributes[labelProject]}
		}
	}
	return found, found.Known
}

// shortID is how many digits of an id the CLI shows.
const shortID = 12
