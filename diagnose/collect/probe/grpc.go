package probe

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// grpcMethod is the standard health protocol
// (https://github.com/grpc/grpc/blob/master/doc/health-checking.md). It is spoken
// over net/http's HTTP/2, because a gRPC client hides the phases and, with WithBlock
// as in the kubelet, reports a refused connection as a timeout.
const grpcMethod = "/grpc.health.v1.Health/Check"

// grpcServing are the names of HealthCheckResponse.ServingStatus; 1 is SERVING.
var grpcServing = []string{"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}

// grpc calls Check once for the service that the URL's path names ("" = the server).
func (t Target) grpc(ctx context.Context) replay.Record {
	m := &moments{}
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	transport := t.transport(m)
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	m.start = time.Now()
	stop := m.watch(t)
	answer := exchange(httptrace.WithClientTrace(ctx, m.trace()),
		&http.Client{Transport: transport, CheckRedirect: t.redirect(m)}, t.grpcRequest())
	m.at(&m.ends)
	stop()
	if answer.err == nil {
		answer.err = grpcVerdict(answer)
	}
	return m.record(answer.err)
}

func (t Target) grpcRequest() *http.Request {
	service := strings.TrimPrefix(t.URL.Path, "/")
	message := []byte{}
	if service != "" { // HealthCheckRequest: field 1, a string
		message = binary.AppendUvarint([]byte{0x0a}, uint64(len(service)))
		message = append(message, service...)
	}
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	body := string(append(frame, message...))
	return &http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: t.URL.Host, Path: grpcMethod}, Host: t.URL.Host,
		Header:        http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "User-Agent": {"gwdoctor"}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// grpcVerdict reads the answer: a frame with HealthCheckResponse{status}, and the
// trailer grpc-status.
func grpcVerdict(a answer) error {
	status := a.trailer.Get("Grpc-Status")
	switch {
	case a.status != http.StatusOK:
		return &said{replay.FaultProtocol, fmt.Sprintf("HTTP status %d instead of a gRPC answer", a.status)}
	case status == "12": // UNIMPLEMENTED
		return &said{replay.FaultProtocol, "the server has no health service (grpc.health.v1.Health)"}
	case status == "5": // NOT_FOUND
		return &said{replay.FaultStatus, "the health service does not know that service"}
	case status != "" && status != "0":
		return &said{replay.FaultStatus, "gRPC status " + status}
	}
	// Frame: flag, length (4), message; message: 0x08, varint. Proto3 leaves 0 out.
	serving := uint64(0)
	if len(a.body) >= 7 && a.body[5] == 0x08 {
		serving, _ = binary.Uvarint([]byte(a.body[6:]))
	}
	switch {
	case len(a.body) < 5:
		return &said{replay.FaultProtocol, "no message in the gRPC answer"}
	case serving == 1:
		return nil
	case serving < uint64(len(grpcServing)):
		return &said{replay.FaultStatus, grpcServing[serving]}
	}
	return &said{replay.FaultProtocol, "a serving status that the protocol does not have"}
}
