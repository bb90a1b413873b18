package collect

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

const (
	maxNeighbourLogs   = 8
	neighbourLogPieces = 4000
	neighbourLogBytes  = 512 << 10
)

// backends are services that others depend on, as their images, services or containers are called. What they print
// tells why their clients hang: a broker's memory alarm reaches no client that does not ask.
var backends = []string{"redis", "valkey", "rabbit", "chroma", "postgres", "timescale", "pgbouncer", "celery"}

// isBackend tells whether a neighbour is such a service.
func isBackend(n evidence.Neighbour) bool {
	text := strings.ToLower(n.Image + " " + n.Service + " " + n.Name)
	for _, b := range backends {
		if strings.Contains(text, b) {
			return true
		}
	}
	return false
}

// telling are those of the neighbours whose logs may tell something of this container: the backends, and of a backend
// its clients, too, for what it refuses them stands in their logs alone.
func telling(list []evidence.Neighbour, own evidence.Neighbour) []evidence.Neighbour {
	var chosen, clients []evidence.Neighbour
	for _, n := range list {
		switch {
		case isBackend(n):
			chosen = append(chosen, n)
		case isBackend(own):
			clients = append(clients, n)
		}
	}
	chosen = append(chosen, clients...)
	return chosen[:min(len(chosen), maxNeighbourLogs)]
}

// neighbourLogs reads the newest part of the logs of such neighbours, side by side. One that cannot be read is left
// out, and counted.
func (s *session) neighbourLogs(ctx context.Context, chosen []evidence.Neighbour) (files []source.File, unread int) {
	texts := make([][]byte, len(chosen))
	var wait sync.WaitGroup
	for i, n := range chosen {
		wait.Go(func() {
			defer func() { _ = recover() }() // a missing log is told as unread
			texts[i] = s.neighbourLog(ctx, n.ID)
		})
	}
	wait.Wait()
	for i, n := range chosen {
		if texts[i] == nil {
			unread++
			continue
		}
		files = append(files, source.File{Name: bundle.NeighbourLog(n.ID), Data: texts[i]})
	}
	return files, unread
}

// neighbourLog returns the newest lines in CRI form, nil where the engine does not give them. In a round, the
// containers of a project share one reading.
func (s *session) neighbourLog(ctx context.Context, id string) []byte {
	if s.Round == nil {
		text, _ := s.readBacklog(ctx, id)
		return text
	}
	text, _, _ := s.Round.backlogs.get(ctx, id, time.Time{}, s.Now(), func() ([]byte, error) {
		return s.readBacklog(ctx, id)
	})
	return text
}

func (s *session) readBacklog(ctx context.Context, id string) ([]byte, error) {
	body, err := s.engine.Logs(ctx, id, docker.LogQuery{Tail: neighbourLogPieces})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	tail := source.NewTail(neighbourLogBytes, 16<<10)
	writer := &docker.CRIWriter{Out: tail}
	if err := writer.Stream(bufio.NewReaderSize(body, 64<<10)); err != nil {
		return nil, err
	}
	return append([]byte{}, tail.Lines()...), nil
}

// logsDetail says how many logs were read, and how many could not be.
func logsDetail(read, unread int) string {
	detail := ""
	if read > 0 {
		detail += fmt.Sprintf("; the logs of %d of them", read)
	}
	if unread > 0 {
		detail += fmt.Sprintf("; %d logs could not be read", unread)
	}
	return detail
}
