package docker

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

// accessLine is a line of the access log that Podman's API service writes at the level of its own unit
// (pkg/api/server/handler_rid.go, LOGGING=--log-level=info in podman.service). The time is when the call began:
//
//	@ - - [27/Nov/2026:18:21:37 +0000] "POST /v1.41/containers/web/stop?t=2 HTTP/1.1" 204 0 "" "Docker-Client/20.10.24"
var accessLine = regexp.MustCompile(`\[([^\]]+)\] "POST (?:/v[\d.]+)?(?:/libpod)?/containers/([^/ ?]+)/` +
	`(start|stop|restart)(?:\?\S*)? HTTP/[\d.]+" (\d\d\d) \d+ "[^"]*" "([^"]*)"`)

// failureLine comes right before the line of a call that failed (pkg/api/handlers/utils/errors.go):
//
//	time="2026-11-27T18:21:31Z" level=info msg="Request Failed(Internal Server Error): workdir \"/bin/sh\" exists on …"
var failureLine = regexp.MustCompile(`msg=("Request Failed\([^)]*\): (?:[^"\\]|\\.)*")`)

const accessTime = "02/Jan/2006:15:04:05 -0700"

// idPrefix is how much of an id a reference must be to be one: shorter ones may be another container's name.
const idPrefix = 4

// asking reads the journal of Podman's API service (journalctl -o json) line by line.
type asking struct {
	id, name string
	failures []failure // that no call has taken yet
}

type failure struct {
	at    time.Time
	words string
}

// ReadAsked finds in it who had Podman stop or restart a container, and whose start of it failed, one JSON object a
// line; nil = nobody's.
func ReadAsked(journal []byte, id, name string) []byte {
	var found []byte
	a := asking{id: id, name: name}
	for line := range bytes.Lines(journal) {
		var entry struct {
			Message string `json:"MESSAGE"`
			At      string `json:"__REALTIME_TIMESTAMP"`
		}
		micro, err := int64(0), json.Unmarshal(line, &entry)
		if err == nil {
			micro, err = strconv.ParseInt(entry.At, 10, 64)
		}
		if err != nil {
			continue
		}
		call := a.read(entry.Message, time.UnixMicro(micro).UTC())
		if text, err := json.Marshal(call); call != nil && err == nil {
			found = append(append(found, text...), '\n')
		}
	}
	return found
}

// read takes in one message; nil = it is no call that is looked for.
func (a *asking) read(message string, at time.Time) *decode.Asked {
	if m := failureLine.FindStringSubmatch(message); m != nil {
		if text, err := strconv.Unquote(m[1]); err == nil {
			_, words, _ := strings.Cut(text, "): ")
			a.failures = append(a.failures, failure{at, words})
		}
		return nil
	}
	m := accessLine.FindStringSubmatch(message)
	if m == nil || m[2] != a.name && (len(m[2]) < idPrefix || !strings.HasPrefix(a.id, m[2])) {
		return nil
	}
	begun, err := time.Parse(accessTime, m[1])
	if err != nil {
		return nil
	}
	call := decode.Asked{Verb: m[3], Begun: begun.UTC(), Done: at, By: m[5]}
	switch {
	case call.Verb != decode.VerbStart && m[4][0] == '2':
		return &call
	case call.Verb == decode.VerbStart && m[4][0] >= '4':
		call.Refused = a.failureSince(begun)
		return &call
	}
	return nil
}

// failureSince is what the service said of the one failure since a moment; of several nobody knows whose each was.
func (a *asking) failureSince(begun time.Time) string {
	words, n := "", 0
	for _, f := range a.failures {
		if !f.at.Before(begun) {
			words, n = f.words, n+1
		}
	}
	if n != 1 {
		return ""
	}
	return words
}
