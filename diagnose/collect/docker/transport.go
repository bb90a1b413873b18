package docker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// transport puts bounds on every call to an engine, so that no caller can forget them:
//
//   - the headers of an answer come within limit, or the call has failed;
//   - its body ends within the caller's deadline, or, where the caller has none, within
//     limit. A caller's own cap on bytes is beside that (see Engine.body);
//   - an answer that leaves HTTP is refused, by [source.StaysHTTP] below;
//   - an endpoint that was silent three times, and more often than it answered, is not
//     asked again.
//
// Only what follows a log may wait, and ends with its context.
type transport struct {
	base    http.RoundTripper
	limit   time.Duration
	circuit source.Circuit
}

// late is a deadline, in words that name what did not come.
type late string

func (l late) Error() string { return string(l) }
func (l late) Unwrap() error { return context.DeadlineExceeded }

const (
	errNoHeaders late = "no beginning of an answer came in time"
	errNoEnd     late = "the answer did not end in time"
)

type followKey struct{}

// following marks a call whose answer may take any time.
func following(ctx context.Context) context.Context {
	return context.WithValue(ctx, followKey{}, true)
}

// RoundTrip makes one call.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err // never asked, so its silence would tell nothing
	}
	endpoint := endpointOf(req.Method, req.URL.Path)
	if err := t.circuit.Open(endpoint); err != nil {
		return nil, err
	}
	follow := req.Context().Value(followKey{}) != nil
	ctx, cancel := context.WithCancelCause(req.Context())
	stop := func() { cancel(nil) }
	if _, bounded := ctx.Deadline(); !bounded && !follow {
		timed, done := context.WithTimeout(ctx, t.limit)
		ctx, stop = timed, func() { done(); cancel(nil) }
	}
	if !follow {
		headers := time.AfterFunc(t.limit, func() { cancel(errNoHeaders) })
		defer headers.Stop()
	}
	resp, err := t.base.RoundTrip(req.WithContext(ctx))
	b := &boundedBody{ctx: ctx, stop: stop, circuit: &t.circuit, endpoint: endpoint}
	if err != nil {
		defer stop()
		return nil, b.explain(err)
	}
	b.body, resp.Body = resp.Body, b
	return resp, nil
}

// boundedBody is an answer's body under its call's deadline.
type boundedBody struct {
	ctx      context.Context
	stop     func()
	body     io.ReadCloser
	circuit  *source.Circuit
	endpoint string
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.explain(err)
	}
	return n, err
}

// explain says of a call that broke off whether its time was up, and counts it then.
func (b *boundedBody) explain(err error) error {
	cause := context.Cause(b.ctx)
	switch {
	case errors.Is(cause, errNoHeaders):
		b.circuit.Silent(b.endpoint)
		return errNoHeaders
	case errors.Is(cause, context.DeadlineExceeded):
		b.circuit.Silent(b.endpoint)
		if b.body == nil {
			return errNoHeaders
		}
		return errNoEnd
	case cause != nil:
		return cause
	}
	return err
}

func (b *boundedBody) Close() error {
	if b.ctx.Err() == nil {
		b.circuit.Answered(b.endpoint)
	}
	b.stop()
	return b.body.Close()
}

// endpointOf names what is asked, whichever container it is asked of:
// "GET /containers/*/json" of /v1.41/containers/web/json.
func endpointOf(method, path string) string {
	words := strings.Split(strings.Trim(path, "/"), "/")
	if len(words) > 0 && strings.HasPrefix(words[0], "v1.") {
		words = words[1:]
	}
	if len(words) > 2 {
		words[1] = "*"
		words = []string{words[0], words[1], words[len(words)-1]}
	}
	return method + " /" + strings.Join(words, "/")
}
