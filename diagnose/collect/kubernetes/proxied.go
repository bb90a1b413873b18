package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/probe"
	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// bodyKept is how much of an answer is kept, as of any replayed probe.
const bodyKept = 64 << 10

// proxied asks once through the API server.
//
//	GET /api/v1/namespaces/shop/pods/gateway-7d8c5949ff-v9wfl:8000/proxy/health
func (p *replaying) proxied(ctx context.Context) replay.Record {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	began := time.Now()
	r := replay.Record{At: began.UTC(), Reached: replay.PhaseWait}
	resp, first, err := p.client.ask(ctx, p.proxyPath(), p.headers())
	if err != nil {
		r.TookMs, r.Fault, r.Detail = probe.Millis(time.Since(began)), faultOf(ctx, err), short(err.Error())
		return r
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyKept+1))
	r.TookMs = probe.Millis(time.Since(began))
	if reach := unreached(resp, body); reach != nil {
		r.Fault, r.Reached, r.Detail = reach.fault, reach.phase, short(reach.words)
		return r
	}
	wait, status := probe.Millis(first.Sub(began)), resp.StatusCode
	r.WaitMs, r.HTTPStatus, r.Reached = &wait, &status, replay.PhaseDone
	if r.OutputCut = len(body) > bodyKept; r.OutputCut {
		body = body[:bodyKept]
	}
	r.Output = strings.ToValidUTF8(string(body), "?")
	switch {
	case err != nil:
		r.Fault, r.Reached, r.Detail = faultOf(ctx, err), replay.PhaseBody, short(err.Error())
	case status >= http.StatusBadRequest:
		r.Fault, r.Detail = replay.FaultStatus, "HTTP status "+strconv.Itoa(status)
	}
	return r
}

// proxyPath keeps the query of the probe's path as it is.
func (p *replaying) proxyPath() string {
	name := p.Name + ":" + strconv.Itoa(p.asks.Port)
	if p.asks.Scheme == "https" {
		name = "https:" + name
	}
	return path("pods", p.Found.Namespace, name, "proxy") + "/" + strings.TrimPrefix(p.asks.Path, "/")
}

func (p *replaying) headers() http.Header {
	h := http.Header{"Accept": {"*/*"}}
	for _, one := range p.asks.Headers {
		h.Add(one.Name, one.Value)
	}
	return h
}

// ask sends one request whose answer, whatever its status, is somebody else's. first is when it began to come.
func (c *client) ask(ctx context.Context, address string, header http.Header) (resp *http.Response, first time.Time,
	err error) {
	if err := c.pace.wait(ctx); err != nil {
		return nil, first, err
	}
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { first = time.Now() }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, c.base+address, nil)
	if err != nil {
		return nil, first, err
	}
	req.Header = header
	req.Header.Set("User-Agent", c.agent)
	if resp, err = c.http.Do(req); err != nil {
		return nil, first, plain(err)
	}
	if first.IsZero() {
		first = time.Now()
	}
	return resp, first, nil
}

func faultOf(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return replay.FaultTimeout
	case ctx.Err() != nil:
		return replay.FaultCancelled
	case errors.Is(err, io.ErrUnexpectedEOF):
		return replay.FaultShort
	}
	return replay.FaultEngine
}

// reach is what the API server says instead of the pod.
type reach struct{ fault, phase, words string }

// reaches are the words in which it tells that it could not ask, which are those of Go's network (upgradeaware.go,
// "error trying to reach service: …").
var reaches = []reach{
	{replay.FaultRefused, replay.PhaseConnect, "connection refused"},
	{replay.FaultUnreachable, replay.PhaseConnect, "no route to host"},
	{replay.FaultUnreachable, replay.PhaseConnect, "network is unreachable"},
	{replay.FaultTimeout, replay.PhaseConnect, "i/o timeout"},
	{replay.FaultTimeout, replay.PhaseWait, "deadline exceeded"},
	{replay.FaultReset, replay.PhaseWait, "connection reset"},
	{replay.FaultTLS, replay.PhaseTLS, "tls:"},
	{replay.FaultTLS, replay.PhaseTLS, "server gave HTTP response to HTTPS client"},
	{replay.FaultProtocol, replay.PhaseWait, "malformed HTTP"},
	{replay.FaultEmpty, replay.PhaseWait, "EOF"},
}

// unreached tells whether an answer is the API server's own; nil = it is the pod's.
//
//	{"kind":"Status","message":"error trying to reach service: dial tcp 10.99.0.12:8000: connect: connection refused",…}
func unreached(resp *http.Response, body []byte) *reach {
	if resp.StatusCode < http.StatusBadRequest {
		return nil
	}
	var status struct{ Kind, APIVersion, Status, Message string }
	if json.Unmarshal(body, &status) != nil {
		status.Message = string(body)
	} else if status.Kind != "Status" || status.APIVersion != "v1" || status.Status != "Failure" {
		return nil
	}
	words, tried := strings.CutPrefix(strings.TrimSpace(status.Message), "error trying to reach service: ")
	if !tried && status.Kind == "" {
		return nil
	}
	for _, known := range reaches {
		if tried && strings.Contains(words, known.words) {
			return &reach{known.fault, known.phase, words}
		}
	}
	return &reach{replay.FaultEngine, replay.PhaseConnect, words}
}
