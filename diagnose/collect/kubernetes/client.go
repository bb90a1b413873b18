package kubernetes

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// client speaks to one API server.
type client struct {
	base    string // without a slash at its end
	http    *http.Client
	upgrade *http.Client // speaks HTTP/1.1: HTTP/2 has no Upgrade
	agent   string
	pace    pace
	circuit source.Circuit
}

func encoded(pem string) string {
	if pem == "" {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(pem))
}

// newClient connects nothing yet.
func newClient(ctx context.Context, c chosen, environ []string, o Options) (*client, error) {
	token, err := c.token(ctx, environ, o.PluginTime)
	if err != nil {
		return nil, err
	}
	config, err := c.tlsConfig(ctx)
	if err != nil {
		return nil, &ConfigError{err.Error(), nil}
	}
	proxy, err := c.proxy()
	if err != nil {
		return nil, &ConfigError{"read kubeconfig: its proxy-url is no URL", nil}
	}
	base, err := url.Parse(strings.TrimSuffix(c.Server, "/"))
	if err != nil || base.Host == "" {
		return nil, &ConfigError{fmt.Sprintf("read kubeconfig: server %q is no URL", c.Server), nil}
	}
	transport := &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16,
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2: true}
	if proxy != nil {
		transport.Proxy = http.ProxyURL(proxy)
	}
	old := transport.Clone()
	old.ForceAttemptHTTP2, old.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
	old.TLSClientConfig.NextProtos = []string{"http/1.1"}
	return &client{base: base.String(), agent: "gwdoctor/" + o.ToolVersion,
		http: &http.Client{Transport: bearer{c, token, source.StaysHTTP{Base: transport}},
			CheckRedirect: refuseRedirect},
		upgrade: &http.Client{Transport: bearer{c, token, old}, CheckRedirect: refuseRedirect}}, nil
}

// refuseRedirect keeps the token with the server that it is for.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// StatusError is an answer of the server that is none: the Status object that it sends with 4xx and 5xx.
type StatusError struct {
	Code            int
	Reason, Message string
}

func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("the API server answered %d %s", e.Code, e.Reason)
	}
	return e.Message
}

func code(err error) int {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Code
	}
	return 0
}

// maxBody bounds one JSON answer. A pod has 16 KB, a page of 500 pods 8 MB.
const maxBody = 64 << 20

// errTooLarge is an answer above its bound: a JSON text that was cut cannot be read.
var errTooLarge = errors.New("the answer is larger than gwdoctor reads")

// get reads a JSON answer whole.
func (c *client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	data, cut, err := c.read(ctx, path, query, maxBody)
	if err == nil && cut {
		err = errTooLarge
	}
	return data, err
}

// endpointOf names what is asked, whichever object it is asked of; a node's kubelet is an endpoint of its own:
// "GET /api/v1/namespaces/*/pods/*/log" of /api/v1/namespaces/shop/pods/web-0/log.
func endpointOf(path string) string {
	words := strings.Split(path, "/")
	for i := range words {
		if i > 0 && words[i-1] == "namespaces" {
			words[i] = "*"
		}
		if i > 2 && words[i-3] == "namespaces" {
			words[i] = "*"
		}
	}
	return "GET " + strings.Join(words, "/")
}

// read reads the first most bytes of an answer. An endpoint that keeps silent is not asked again.
func (c *client) read(ctx context.Context, path string, query url.Values, most int64) (data []byte, cut bool,
	err error) {
	endpoint := endpointOf(path)
	if err := c.circuit.Open(endpoint); err != nil {
		return nil, false, err
	}
	defer func() {
		if errors.Is(err, context.DeadlineExceeded) {
			c.circuit.Silent(endpoint)
		} else if !errors.Is(err, context.Canceled) {
			c.circuit.Answered(endpoint)
		}
	}()
	resp, err := c.open(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	data, err = io.ReadAll(io.LimitReader(resp.Body, most+1))
	if int64(len(data)) > most {
		return data[:most], true, nil
	}
	return data, false, err
}

// post sends one JSON object.
func (c *client) post(ctx context.Context, path string, body []byte) ([]byte, error) {
	return c.send(ctx, http.MethodPost, path, body)
}

// send sends one JSON object, and reads the answer.
func (c *client) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	resp, err := c.open(ctx, method, path, nil, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, maxBody))
}

// attempts is how often a server may say "too many requests" before that is the answer.
const attempts = 4

// open sends a request and returns an answer of 2xx. A server that is busy is asked again when it says so.
func (c *client) open(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Response,
	error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	for try := 1; ; try++ {
		if err := c.pace.wait(ctx); err != nil {
			return nil, err
		}
		req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("User-Agent", c.agent)
		req.Header.Set("Accept", "application/json, */*")
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, plain(err)
		}
		if resp.StatusCode/100 == 2 {
			return resp, nil
		}
		status := readStatus(resp)
		if again := retryAfter(resp); status.Code != http.StatusTooManyRequests || try == attempts || !pause(ctx, again) {
			return nil, status
		}
	}
}

// plain takes the address and the query, which say nothing new, off an error of net/http.
func plain(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func readStatus(resp *http.Response) *StatusError {
	defer resp.Body.Close()
	data, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	s := &StatusError{Code: resp.StatusCode, Reason: http.StatusText(resp.StatusCode)}
	var body struct{ Reason, Message string }
	if json.Unmarshal(data, &body) == nil {
		s.Reason, s.Message = body.Reason, body.Message
	} else if text := strings.TrimSpace(string(data)); text != "" {
		s.Message = fmt.Sprintf("%d %s: %s", s.Code, s.Reason, lastLine(text))
	}
	s.Message = s.Message[:min(len(s.Message), 1000)]
	return s
}

// retryAfter is how long a server wants to be left alone: a second where it does not say, no more than ten.
func retryAfter(resp *http.Response) time.Duration {
	n, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || n < 0 {
		n = 1
	}
	return min(time.Duration(n)*time.Second, 10*time.Second)
}

// pause waits, and tells whether there is time left afterwards.
func pause(ctx context.Context, d time.Duration) bool {
	if until, ok := ctx.Deadline(); ok && time.Until(until) < d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// perSecond bounds the requests, where kubectl allows 50 and a burst of 300; the same burst comes free.
const (
	perSecond = 100
	burst     = 300
)

// pace lets requests through at a bounded rate.
type pace struct {
	mu    sync.Mutex
	spent time.Time // until when what was let through is paid for
}

func (p *pace) wait(ctx context.Context) error {
	const each = time.Second / perSecond
	p.mu.Lock()
	now := time.Now()
	if full := now.Add(-burst * each); p.spent.Before(full) {
		p.spent = full
	}
	p.spent = p.spent.Add(each)
	due := p.spent.Sub(now)
	p.mu.Unlock()
	if due <= 0 {
		return ctx.Err()
	}
	if !pause(ctx, due) {
		if err := ctx.Err(); err != nil {
			return err
		}
		return context.DeadlineExceeded
	}
	return nil
}

// pageSize is how many objects are asked for at a time, as kubectl does.
const pageSize = 500

// maxPages bounds a list; 100,000 objects are more than a diagnosis can look at.
const maxPages = 200

// list reads a list page by page and hands over each object as it was sent. whole = there were no more.
func (c *client) list(ctx context.Context, path string, query url.Values, each func(json.RawMessage)) (whole bool,
	err error) {
	q := url.Values{}
	for k, v := range query {
		q[k] = v
	}
	q.Set("limit", strconv.Itoa(pageSize))
	for range maxPages {
		data, err := c.get(ctx, path, q)
		if err != nil {
			// 410: the list's version has left the server's memory between two pages; what came before stays true.
			return false, err
		}
		var page struct {
			Metadata struct{ Continue string }
			Items    []json.RawMessage
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return false, fmt.Errorf("read list %s: %w", path, err)
		}
		for _, item := range page.Items {
			each(item)
		}
		if page.Metadata.Continue == "" {
			return true, nil
		}
		q.Set("continue", page.Metadata.Continue)
	}
	return false, nil
}
