package kubernetes

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// channel speaks the binary channels of exec and port-forward over a WebSocket, which the API server hands on to the
// kubelet: the first byte of a message is the channel. That form is there in every release from 1.24 to 1.36; the
// others (SPDY, v5, tunnels) need client-go.
//
// https://pkg.go.dev/k8s.io/apimachinery/pkg/util/httpstream/wsstream
type channel struct {
	conn io.ReadWriteCloser
	r    *bufio.Reader
	mu   sync.Mutex // of writes
}

const channelProtocol = "v4.channel.k8s.io"

// channels opens a connection of channels. ctx bounds the handshake only; whoever has the connection closes it.
func (c *client) channels(ctx context.Context, path string, query url.Values) (*channel, error) {
	if err := c.pace.wait(ctx); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails
	for name, value := range map[string]string{"User-Agent": c.agent, "Connection": "Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": channelProtocol,
		"Sec-WebSocket-Key": base64.StdEncoding.EncodeToString(nonce[:])} {
		req.Header.Set(name, value)
	}
	resp, err := c.upgrade.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	conn, ok := resp.Body.(io.ReadWriteCloser)
	if resp.StatusCode != http.StatusSwitchingProtocols || !ok {
		return nil, readStatus(resp)
	}
	return &channel{conn: conn, r: bufio.NewReader(conn)}, nil
}

func (ch *channel) Close() error { return ch.conn.Close() }

// The kinds of a frame (RFC 6455 5.2).
const (
	frameText   = 1
	frameBinary = 2
	frameClose  = 8
	framePing   = 9
	framePong   = 10
)

// maxFrame bounds one frame; those of a kubelet hold 32 KB.
const maxFrame = 1 << 20

// next returns the next message; io.EOF = the other side has closed. A message in several frames comes as several.
func (ch *channel) next() (id byte, data []byte, err error) {
	for {
		kind, payload, err := ch.frame()
		switch {
		case err != nil:
			return 0, nil, err
		case kind == frameClose:
			return 0, nil, io.EOF
		case kind == framePing:
			if err := ch.write(framePong, payload); err != nil {
				return 0, nil, err
			}
		case (kind == frameBinary || kind == frameText) && len(payload) > 0:
			return payload[0], payload[1:], nil
		}
	}
}

func (ch *channel) frame() (kind byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(ch.r, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1] & 0x7f)
	if extra := map[uint64]int{126: 2, 127: 8}[size]; extra > 0 {
		var long [8]byte
		if _, err := io.ReadFull(ch.r, long[8-extra:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(long[:])
	}
	if size > maxFrame || head[1]&0x80 != 0 {
		return 0, nil, errors.New("the kubelet's answer is no WebSocket frame")
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(ch.r, payload)
	return head[0] & 0x0f, payload, err
}

// send writes one message.
func (ch *channel) send(id byte, data []byte) error {
	return ch.write(frameBinary, append([]byte{id}, data...))
}

// write masks the payload, as clients must.
func (ch *channel) write(kind byte, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("a message of %d bytes is too long", len(payload))
	}
	frame := []byte{0x80 | kind}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	var mask [4]byte
	_, _ = rand.Read(mask[:])
	frame = append(frame, mask[:]...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%4])
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	_, err := ch.conn.Write(frame)
	return err
}
