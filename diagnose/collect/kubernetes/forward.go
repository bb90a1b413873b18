package kubernetes

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// The channels of a forwarded port. Each begins with the port's number, two bytes.
const (
	forwardData  = 0
	forwardError = 1
)

// forwarded is a TCP connection that the kubelet makes inside of a pod's network.
type forwarded struct {
	*channel
	rest    []byte // of the last message
	numbers [2]int // bytes of the port's number that are still to come, by channel
	late    *time.Timer
	mu      sync.Mutex
	expired bool
}

// forward connects to a port of a pod as `kubectl port-forward` does, at localhost of its network.
func (s *Session) forward(ctx context.Context, f Found, port int) (*forwarded, error) {
	ch, err := s.client.channels(ctx, path("pods", f.Namespace, f.Name, "portforward"),
		url.Values{fact.SourcePorts: {strconv.Itoa(port)}})
	if err != nil {
		return nil, err
	}
	return &forwarded{channel: ch, numbers: [2]int{2, 2}}, nil
}

func (c *forwarded) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		id, data, err := c.next()
		if err != nil {
			return 0, c.told(err)
		}
		if id > forwardError {
			continue
		}
		skip := min(c.numbers[id], len(data))
		c.numbers[id] -= skip
		if data = data[skip:]; id == forwardError && len(data) > 0 {
			return 0, refusal(string(data))
		}
		c.rest = data
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// told is an error as whoever reads a connection expects it.
func (c *forwarded) told(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expired {
		return os.ErrDeadlineExceeded
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// refusal is what the kubelet says of a connection that it could not make:
//
//	error forwarding port 8000 to pod …: failed to connect to localhost:8000 inside namespace …: connection refused
func refusal(text string) error {
	for words, errno := range map[string]syscall.Errno{"connection refused": syscall.ECONNREFUSED,
		"reset by peer": syscall.ECONNRESET, "broken pipe": syscall.EPIPE, "no route to host": syscall.EHOSTUNREACH} {
		if strings.Contains(text, words) {
			return &net.OpError{Op: "dial", Net: "tcp", Err: errno}
		}
	}
	return errors.New(short(text))
}

func (c *forwarded) Write(p []byte) (int, error) {
	for sent := 0; sent < len(p); {
		n := min(len(p)-sent, maxFrame/2)
		if err := c.send(forwardData, p[sent:sent+n]); err != nil {
			return sent, c.told(err)
		}
		sent += n
	}
	return len(p), nil
}

// SetDeadline closes the connection at a moment: of the frames nothing may be lost that is still to be read.
func (c *forwarded) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late != nil {
		c.late.Stop()
	}
	if t.IsZero() {
		return nil
	}
	c.late = time.AfterFunc(time.Until(t), func() {
		c.mu.Lock()
		c.expired = true
		c.mu.Unlock()
		c.Close()
	})
	return nil
}

func (c *forwarded) SetReadDeadline(t time.Time) error { return c.SetDeadline(t) }

func (c *forwarded) SetWriteDeadline(time.Time) error { return nil }

func (c *forwarded) LocalAddr() net.Addr { return &net.TCPAddr{} }

func (c *forwarded) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// settled is how long a refused connection may take to be told: the kubelet says so at once, and of one that was made
// it says nothing.
const settled = 300 * time.Millisecond

// await waits until a refusal would have come. What the service says of its own accord means that it was made.
func (c *forwarded) await(ctx context.Context) error {
	if until, ok := ctx.Deadline(); ok && time.Until(until) < settled {
		_ = c.SetDeadline(until)
	} else {
		_ = c.SetDeadline(time.Now().Add(settled))
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	var one [1]byte
	switch _, err := c.Read(one[:]); {
	case err == nil, errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	default:
		return err
	}
}
