package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// Limits of an answer. A body is read to its end where that comes soon, as curl
// does; the kubelet stops at 10 KB.
const (
	bodyKept  = 64 << 10
	bodyRead  = 1 << 20
	headerMax = 64 << 10
	maxHops   = 10 // as the kubelet
)

var errRedirects = &said{replay.FaultRedirects, fmt.Sprintf("more than %d redirects", maxHops)}

// http sends one GET on a connection of its own, as curl and the kubelet do.
func (t Target) http(ctx context.Context) replay.Record {
	m := &moments{}
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	transport := t.transport(m)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: t.redirect(m)}
	m.start = time.Now()
	stop := m.watch(t)
	answer := exchange(httptrace.WithClientTrace(ctx, m.trace()), client, t.request())
	m.at(&m.ends)
	stop()
	r := m.record(answer.err)
	answer.fill(&r)
	return r
}

// request is the probe's request; a copy is sent.
func (t Target) request() *http.Request {
	target := *t.URL
	user := target.User
	target.User, target.Fragment = nil, ""
	r := &http.Request{Method: http.MethodGet, URL: &target, Host: target.Host, Header: http.Header{
		"User-Agent": {"gwdoctor"}, "Accept": {"*/*"},
	}}
	for name, values := range t.Header {
		r.Header[name] = values
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	if user != nil {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	return r
}

func (t Target) transport(m *moments) *http.Transport {
	return &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: headerMax,
		TLSClientConfig: t.tls(m),
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := t.Dial(ctx, network, address)
			if err == nil {
				m.opened(conn)
			}
			return conn, err
		},
	}
}

// tls measures a handshake whatever the certificate is, and notes what a client
// that verifies would say. The kubelet does not verify, curl does.
func (t Target) tls(m *moments) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			options := x509.VerifyOptions{DNSName: t.URL.Hostname(), Intermediates: x509.NewCertPool()}
			for _, c := range state.PeerCertificates[1:] {
				options.Intermediates.AddCert(c)
			}
			if _, err := state.PeerCertificates[0].Verify(options); err != nil {
				m.mu.Lock()
				m.note = "the certificate does not hold: " + detail(err)
				m.mu.Unlock()
			}
			return nil
		},
	}
}

// redirect follows within the target only.
func (t Target) redirect(m *moments) func(*http.Request, []*http.Request) error {
	return func(r *http.Request, via []*http.Request) error {
		if r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
			m.mu.Lock()
			m.note = "redirects to another address, which was not followed: " + r.URL.Scheme + "://" + r.URL.Host
			m.mu.Unlock()
			return http.ErrUseLastResponse
		}
		if len(via) >= maxHops {
			return errRedirects
		}
		return nil
	}
}

// answer is what came back.
type answer struct {
	status  int
	body    string
	cut     bool // there was more of the body
	endless bool // … and it was not read to its end
	trailer http.Header
	err     error
}

func exchange(ctx context.Context, client *http.Client, r *http.Request) answer {
	resp, err := client.Do(r.WithContext(ctx))
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return answer{err: err}
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode}
	kept, err := io.ReadAll(io.LimitReader(resp.Body, bodyKept))
	a.body, a.err = string(kept), err
	if err == nil && len(kept) == bodyKept {
		var more int64
		more, a.err = io.Copy(io.Discard, io.LimitReader(resp.Body, bodyRead-bodyKept))
		a.cut, a.endless = more > 0, more == bodyRead-bodyKept
	}
	a.trailer = resp.Trailer
	return a
}

// fill adds the answer to a record. A status of 400 and above is a no; one with a
// body that stalls keeps its status beside the fault.
func (a answer) fill(r *replay.Record) {
	if a.status == 0 {
		return
	}
	status := a.status // a pointer into the answer would keep its body in memory
	r.HTTPStatus, r.Output, r.OutputCut = &status, a.body, a.cut
	if a.endless && r.Note == "" {
		r.Note = "its body goes on beyond 1 MiB, where reading stopped: curl would read on, until its own timeout"
	}
	if a.err == nil && a.status >= 400 {
		r.Fault, r.Detail = replay.FaultStatus, fmt.Sprintf("HTTP status %d", a.status)
	}
}
