package kubetest

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
)

// Channels is the server's side of an exec or of a forwarded port.
type Channels struct {
	conn net.Conn
	r    *bufio.Reader
}

// Upgrade answers a WebSocket's handshake, as a kubelet does; nil = the request is none.
func Upgrade(w http.ResponseWriter, r *http.Request) *Channels {
	if r.Header.Get("Upgrade") != "websocket" {
		return nil
	}
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return nil
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]),
		r.Header.Get("Sec-WebSocket-Protocol"))
	return &Channels{conn, rw.Reader}
}

// Close says goodbye.
func (c *Channels) Close() {
	c.conn.Write([]byte{0x88, 0})
	c.conn.Close()
}

// Send writes a message of at most 64 KB.
func (c *Channels) Send(id byte, data []byte) {
	frame := []byte{0x82, 126, 0, 0}
	binary.BigEndian.PutUint16(frame[2:], uint16(len(data)+1))
	c.conn.Write(append(append(frame, id), data...))
}

// Ping sends a frame that is no message.
func (c *Channels) Ping() { c.conn.Write([]byte{0x89, 2, 'h', 'i'}) }

// Next reads a message; false = there are no more.
func (c *Channels) Next() (id byte, data []byte, ok bool) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(c.r, head[:]); err != nil {
			return 0, nil, false
		}
		size := uint64(head[1] & 0x7f)
		if size == 126 {
			var long [2]byte
			io.ReadFull(c.r, long[:])
			size = uint64(binary.BigEndian.Uint16(long[:]))
		}
		var mask [4]byte
		io.ReadFull(c.r, mask[:])
		payload := make([]byte, size)
		if _, err := io.ReadFull(c.r, payload); err != nil {
			return 0, nil, false
		}
		for i := range payload {
			payload[i] ^= mask[i%4]
		}
		switch head[0] & 0x0f {
		case 2:
			return payload[0], payload[1:], true
		case 8:
			return 0, nil, false
		}
	}
}

// Forward hands the bytes of a forwarded port on to a server, as a kubelet does; one that is not there is told on the
// channel of errors.
func (c *Channels) Forward(port uint16, address string) {
	defer c.Close()
	number := binary.LittleEndian.AppendUint16(nil, port)
	c.Send(0, number)
	c.Send(1, number)
	to, err := net.Dial("tcp", address)
	if err != nil {
		c.Send(1, fmt.Appendf(nil, "error forwarding port %d to pod x: failed to connect to localhost:%d: %v", port, port,
			err))
		return
	}
	defer to.Close()
	go func() {
		for {
			id, data, ok := c.Next()
			if !ok {
				to.Close()
				return
			}
			if id == 0 {
				io.Copy(to, bytes.NewReader(data))
			}
		}
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := to.Read(buffer)
		if n > 0 {
			c.Send(0, buffer[:n])
		}
		if err != nil {
			return
		}
	}
}
