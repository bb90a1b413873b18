package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// moments are when a probe passed what. Hooks of httptrace run on several
// goroutines, some of them after the request has given up.
type moments struct {
	mu                                           sync.Mutex
	start, dns, resolved, dial, connected        time.Time
	handshake, secured, written, firstByte, ends time.Time
	own                                          netip.AddrPort
	note                                         string
	watched                                      *replay.Record // what the socket watch saw
}

func (m *moments) at(moment *time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*moment = time.Now()
}

// trace writes httptrace's hooks into them. A redirect to the same host
// overwrites those of the hop before.
func (m *moments) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { m.at(&m.dns) },
		DNSDone:      func(httptrace.DNSDoneInfo) { m.at(&m.resolved) },
		ConnectStart: func(string, string) { m.begin() },
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				m.at(&m.connected)
			}
		},
		TLSHandshakeStart: func() { m.at(&m.handshake) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				m.at(&m.secured)
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				m.at(&m.written)
			}
		},
		GotFirstResponseByte: func() { m.at(&m.firstByte) },
	}
}

// begin notes the first of several connection attempts (IPv6, then IPv4), and
// forgets what an earlier hop of a redirect had reached.
func (m *moments) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dial.IsZero() || !m.connected.IsZero() {
		m.dial = time.Now()
		m.connected, m.handshake, m.secured, m.written, m.firstByte = time.Time{}, time.Time{}, time.Time{},
			time.Time{}, time.Time{}
	}
}

// opened remembers the probe's own end of a connection.
func (m *moments) opened(conn net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if tcp, ok := conn.LocalAddr().(*net.TCPAddr); ok {
		m.own = tcp.AddrPort()
	}
}

// watchMargin is how long before the deadline the sockets are looked at: after it
// the probe's own connection is gone.
func watchMargin(timeout time.Duration) time.Duration {
	return min(max(timeout/10, 20*time.Millisecond), 200*time.Millisecond)
}

// watch looks at the sockets shortly before the deadline; stop ends it.
func (m *moments) watch(t Target) (stop func()) {
	if t.Watch == nil {
		return func() {}
	}
	var looking sync.WaitGroup
	looking.Add(1)
	timer := time.AfterFunc(t.Timeout-watchMargin(t.Timeout), func() {
		defer looking.Done()
		m.mu.Lock()
		own := m.own
		m.mu.Unlock()
		seen := &replay.Record{}
		t.Watch(own, seen)
		m.mu.Lock()
		m.watched = seen
		m.mu.Unlock()
	})
	return func() {
		if timer.Stop() {
			looking.Done()
		}
		looking.Wait()
	}
}

// record makes a record of them. The phase is that of the last one, unless
// all went well.
func (m *moments) record(err error) replay.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := replay.Record{
		At: m.start.UTC(), TookMs: Millis(m.ends.Sub(m.start)), Reached: m.reached(), Note: m.note,
		DNSMs: between(m.dns, m.resolved), ConnectMs: between(m.dial, m.connected), TLSMs: between(m.handshake, m.secured),
		WaitMs: between(m.written, m.firstByte), BodyMs: between(m.firstByte, m.ends),
	}
	if err == nil {
		r.Reached = replay.PhaseDone
		return r
	}
	r.Fault, r.Detail, r.BodyMs = fault(err), detail(err), nil
	if w := m.watched; w != nil && r.Fault == replay.FaultTimeout {
		r.Queue, r.NeverAccepted, r.Unread, r.Waiting, r.Own = w.Queue, w.NeverAccepted, w.Unread, w.Waiting, w.Own
		r.Threads, r.Listener, r.Zombies = w.Threads, w.Listener, w.Zombies
	}
	return r
}

func (m *moments) reached() string {
	switch {
	case !m.firstByte.IsZero():
		return replay.PhaseBody
	case !m.written.IsZero():
		return replay.PhaseWait
	case !m.handshake.IsZero() && m.secured.IsZero():
		return replay.PhaseTLS
	case !m.connected.IsZero():
		return replay.PhaseWait
	case !m.dial.IsZero():
		return replay.PhaseConnect
	case !m.dns.IsZero():
		return replay.PhaseDNS
	}
	return replay.PhaseConnect
}

func between(from, to time.Time) *float64 {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return nil
	}
	ms := Millis(to.Sub(from))
	return &ms
}

// said is a fault that the protocol itself tells.
type said struct{ fault, detail string }

func (s *said) Error() string { return s.detail }

// fault names an error with the words of package health.
func fault(err error) string {
	var (
		told    *said
		name    *net.DNSError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		network net.Error
	)
	switch {
	case errors.As(err, &told):
		return told.fault
	case errors.Is(err, context.Canceled):
		return replay.FaultCancelled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return replay.FaultTimeout
	case errors.As(err, &name):
		return replay.FaultName
	case errors.Is(err, syscall.ECONNREFUSED):
		return replay.FaultRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return replay.FaultUnreachable
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return replay.FaultReset
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return replay.FaultTLS
	case errors.Is(err, io.ErrUnexpectedEOF):
		return replay.FaultShort
	case errors.Is(err, io.EOF):
		return replay.FaultEmpty
	case errors.As(err, &network) && network.Timeout():
		return replay.FaultTimeout
	}
	return replay.FaultProtocol
}

// maxDetail caps an error's words, which may quote the other side.
const maxDetail = 300

func detail(err error) string {
	text := err.Error()
	if len(text) > maxDetail {
		text = text[:maxDetail]
	}
	return text
}
