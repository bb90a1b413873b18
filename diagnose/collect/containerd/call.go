package containerd

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// bodyBytes caps an answer; containerd itself sends 16 MiB at most.
const bodyBytes = 16 << 20

// frameHeader is what gRPC puts before a message: whether it is compressed, and its length.
const frameHeader = 5

// newClient speaks HTTP/2 from the first byte on, as gRPC does, over a unix socket.
func newClient(socket string) *http.Client {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: &http.Transport{
		Protocols: &protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
		DisableCompression: true, MaxResponseHeaderBytes: 1 << 20, IdleConnTimeout: 30 * time.Second,
	}}
}

// call makes one unary call of gRPC about a namespace. A refusal is a *docker.StatusError with the code that HTTP has
// for it.
func (e *Engine) call(ctx context.Context, namespace, method string, message []byte) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, e.limit)
	defer cancel()
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://containerd/containerd.services."+method,
		bytes.NewReader(append(frame, message...)))
	if err != nil {
		return nil, err
	}
	req.Header = http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"},
		"Containerd-Namespace": {namespace}}
	resp, err := e.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", method, plain(err))
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, bodyBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("call %s: %w", method, err)
	case len(data) > bodyBytes:
		return nil, fmt.Errorf("call %s: %w of %d MiB", method, source.ErrTooLarge, bodyBytes>>20)
	}
	if err := refusal(resp); err != nil {
		return nil, fmt.Errorf("call %s: %w", method, err)
	}
	if len(data) < frameHeader || data[0] != 0 || int(binary.BigEndian.Uint32(data[1:])) != len(data)-frameHeader {
		return nil, fmt.Errorf("call %s: %w", method, errWire)
	}
	return decode(data[frameHeader:])
}

// plain takes the made-up URL off an HTTP client's error.
func plain(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// codes are HTTP's for gRPC's that mean something to a caller.
var codes = map[int]int{
	5: http.StatusNotFound, 7: http.StatusForbidden, 12: http.StatusNotImplemented, 16: http.StatusUnauthorized,
}

// refusal reads how a call ended: gRPC says so after the body, or, where it has none, among the headers.
func refusal(resp *http.Response) error {
	word := cmp.Or(resp.Trailer.Get("Grpc-Status"), resp.Header.Get("Grpc-Status"))
	code, err := strconv.Atoi(word)
	switch {
	case err != nil:
		return &docker.StatusError{Code: resp.StatusCode, Foreign: true, Message: "no answer of gRPC"}
	case code == 0:
		return nil
	}
	text := cmp.Or(resp.Trailer.Get("Grpc-Message"), resp.Header.Get("Grpc-Message"))
	return &docker.StatusError{Code: cmp.Or(codes[code], http.StatusInternalServerError), Message: text}
}
