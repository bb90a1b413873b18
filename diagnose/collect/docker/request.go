package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/moby/moby/client"
)

// object reads a whole answer that is a JSON object with one of the keys.
func (e *dockerEngine) object(ctx context.Context, path string, keys ...string) ([]byte, error) {
	raw, err := e.body(ctx, path, nil)
	if err == nil {
		_, err = object(path, raw, keys...)
	}
	return raw, err
}

// body reads a whole answer of at most bodyBytes.
func (e *dockerEngine) body(ctx context.Context, path string, query url.Values) ([]byte, error) {
	r, err := e.stream(ctx, path, query)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, bodyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(data) > bodyBytes {
		return nil, fmt.Errorf("read %s: %w of %d MiB", path, source.ErrTooLarge, bodyBytes>>20)
	}
	return data, nil
}

// stream opens the answer to a GET.
func (e *dockerEngine) stream(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	return e.do(ctx, http.MethodGet, path, query, nil)
}

// post sends v as JSON.
func (e *dockerEngine) post(ctx context.Context, path string, v any) (io.ReadCloser, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return e.do(ctx, http.MethodPost, path, nil, bytes.NewReader(data))
}

// do opens an answer; anything but 200 and 201 is a *statusError.
func (e *dockerEngine) do(ctx context.Context, method, path string, query url.Values,
	body io.Reader) (io.ReadCloser, error) {
	bare := path
	if !strings.HasPrefix(path, podmanAPI) {
		path = e.prefix.Load().(string) + path
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	resp, err := e.call(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		e.skew.Store(int64(time.Until(date)))
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		defer resp.Body.Close()
		err := refusal(resp)
		if body == nil && e.exchanged(err, resp.Header.Get("Api-Version")) {
			return e.do(ctx, method, bare, query, nil)
		}
		return nil, err
	}
	return resp.Body, nil
}

// exchanged tells whether the engine refuses the version that was agreed on, and takes the one that it names now: it
// was updated, or another one was put in its place, after the ping. Once; who changes more often is no engine.
func (e *dockerEngine) exchanged(refused error, version string) bool {
	var status *StatusError
	if e.pinned || !errors.As(refused, &status) || status.Code != http.StatusBadRequest ||
		!strings.HasPrefix(status.Message, "client version ") || !e.anew.CompareAndSwap(false, true) {
		return false
	}
	e.prefix.Store(prefixFor(version))
	return true
}

// call makes one call of a path with its version and query.
func (e *dockerEngine) call(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+client.DummyHost+e.basePath+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := e.http.Do(req)
	if err != nil {
		path, _, _ = strings.Cut(path, "?")
		return nil, fmt.Errorf("%s %s: %w", strings.ToLower(method), strings.TrimPrefix(path, e.prefix.Load().(string)),
			plainError(err))
	}
	if err := e.sameHands(resp.Header.Get("Server")); err != nil {
		resp.Body.Close()
		return nil, err
	}
	if version := resp.Header.Get("Libpod-Api-Version"); version != "" { // each of Podman's answers has it
		e.podman.Store(version)
	}
	return resp, nil
}

// sameHands fails where one of the two engines answers in the place of the other, to whom the calls before went: that
// it does not know the container does not mean that the container was removed.
//
//	Server: Docker/26.1.5+dfsg1 (linux)
//	Server: Libpod/5.4.2 (linux)
func (e *dockerEngine) sameHands(server string) error {
	name := product(server)
	if name == "" || e.server.CompareAndSwap("", server) {
		return nil
	}
	if first := e.server.Load().(string); product(first) != name {
		return fmt.Errorf("another engine answers there than before: %s, first it was %s; ask again", server, first)
	}
	return nil
}

// product is the name of an engine in its header; "" = another server's, such as a proxy's own answer.
func product(server string) string {
	switch name, _, _ := strings.Cut(server, "/"); name {
	case "Docker", "Libpod":
		return name
	}
	return ""
}

// plainError takes the made-up URL off an HTTP client's error.
func plainError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// refusal reads the engine's error text: {"message":"No such container: web"}.
func refusal(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, errorBytes))
	var body struct{ Message string }
	if json.Unmarshal(text, &body) == nil && body.Message != "" || resp.Request.Method == http.MethodHead {
		return &StatusError{Code: resp.StatusCode, Message: body.Message}
	}
	return &StatusError{Code: resp.StatusCode, Foreign: true, Message: beginning(text)}
}
