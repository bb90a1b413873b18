package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
)

// NotFoundError says that the engine has no such container. Near holds up to
// five names that look alike.
type NotFoundError struct {
	Ref       string
	Near      []string
	Ambiguous bool // several containers match the prefix; Near names them
	Endpoint  Endpoint
}

func (e *NotFoundError) Error() string {
	var text strings.Builder
	if e.Ambiguous {
		fmt.Fprintf(&text, "find container %q: several ids begin so at %s", e.Ref, e.Endpoint)
	} else {
		fmt.Fprintf(&text, "find container %q: no such container at %s", e.Ref, e.Endpoint)
	}
	if len(e.Near) > 0 {
		fmt.Fprintf(&text, "; did you mean %s?", quoted(e.Near))
	} else {
		text.WriteString("; `docker ps -a` lists all containers, `docker context ls` other engines")
	}
	return text.String()
}

// UnreachableError says that no engine listens where we looked.
type UnreachableError struct {
	Endpoint Endpoint
	Err      error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reach engine at %s: %v; start it (`systemctl start docker`), or name another with --host or "+
		"--context", e.Endpoint, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// DeniedError says that the engine's socket is there and we may not use it.
type DeniedError struct {
	Endpoint Endpoint
	Err      error
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("reach engine at %s: %v; add yourself to group docker (`sudo usermod -aG docker $USER`, then "+
		"log in again) or use sudo", e.Endpoint, e.Err)
}

func (e *DeniedError) Unwrap() error { return e.Err }

// StatusError is an answer of the engine other than 200.
type StatusError struct {
	Code    int
	Message string // the engine's own words, capped
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("engine answered %d: %s", e.Code, e.Message)
}

// StatusCode returns the HTTP code that the engine refused with; 0 = it did not answer.
func StatusCode(err error) int {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Code
	}
	return 0
}

// ErrMute is an engine that took connections and answered none of them.
var ErrMute = errors.New("the engine accepts connections and answers nothing")

// TimedOut tells whether err is a deadline, ours or the network's.
func TimedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, ErrMute) || (errors.As(err, &network) && network.Timeout())
}

// ConnectError sorts a failure to dial into the two that end a diagnosis.
func ConnectError(e Endpoint, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &DeniedError{Endpoint: e, Err: err}
	}
	return &UnreachableError{Endpoint: e, Err: err}
}

func quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(q, ", ")
}
