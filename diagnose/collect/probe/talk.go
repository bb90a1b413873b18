package probe

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/health/replay"
)

// dialogue is the handshake of a protocol on an open connection. It writes, calls
// sent and then heard at the first byte of the answer, and returns a note and what
// was wrong.
type dialogue func(conn net.Conn, u *url.URL, m *moments) (note string, err error)

// talk connects and holds a dialogue.
func (t Target) talk(ctx context.Context, speak dialogue) replay.Record {
	m := &moments{start: time.Now()}
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	stop := m.watch(t)
	note, took, err := t.converse(httptrace.WithClientTrace(ctx, m.trace()), m, speak)
	m.mu.Lock()
	m.ends, m.note = m.start.Add(took), note
	m.mu.Unlock()
	stop()
	return m.record(err)
}

func (t Target) converse(ctx context.Context, m *moments, speak dialogue) (note string, took time.Duration, err error) {
	conn, err := t.Dial(ctx, "tcp", t.URL.Host)
	if err != nil {
		return "", time.Since(m.start), err
	}
	defer conn.Close()
	m.opened(conn)
	m.connectedIfUnseen()
	done := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer done()
	note, err = speak(conn, t.URL, m)
	took = time.Since(m.start)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil && note == "" && t.URL.Scheme == "tcp" {
		note = closedAtOnce(conn)
	}
	return note, took, err
}

// connectedIfUnseen notes the connection where the dialer has no httptrace hooks.
func (m *moments) connectedIfUnseen() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.connected.IsZero() {
		m.connected = time.Now()
	}
	if m.dial.IsZero() {
		m.dial = m.start
	}
}

// tcpOnly is satisfied by the connection itself, like the kubelet's tcpSocket.
func tcpOnly(net.Conn, *url.URL, *moments) (string, error) { return "", nil }

// closedAtOnce sees what a proxy does that accepts for a service which is not there.
func closedAtOnce(conn net.Conn) string {
	conn.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	var one [1]byte
	if _, err := conn.Read(one[:]); err != nil && fault(err) != replay.FaultTimeout {
		return "the connection was closed at once: a proxy may have accepted it with nothing behind"
	}
	return ""
}

// lineMax bounds a line of redis' answer.
const lineMax = 512

// redisPing authenticates where the URL has a password, and asks PING.
func redisPing(conn net.Conn, u *url.URL, m *moments) (string, error) {
	ask := "PING\r\n"
	answers := 1
	if password, ok := u.User.Password(); ok {
		words := []string{"AUTH", password}
		if name := u.User.Username(); name != "" {
			words = []string{"AUTH", name, password}
		}
		ask = respArray(words) + ask
		answers = 2
	}
	if _, err := io.WriteString(conn, ask); err != nil {
		return "", err
	}
	m.at(&m.written)
	r := bufio.NewReaderSize(conn, lineMax)
	login := ""
	for {
		line, err := r.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			return "", &said{replay.FaultProtocol, "an answer that is none of redis'"}
		}
		if err != nil {
			return "", err
		}
		if m.firstByte.IsZero() {
			m.at(&m.firstByte)
		}
		if answers--; answers == 0 {
			return redisSays(login, strings.TrimSpace(string(line)))
		}
		login = strings.TrimSpace(string(line))
	}
}

// respArray writes a command in redis' own form, so that no word can be another command.
func respArray(words []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	return b.String()
}

// redisSays reads the answers to AUTH ("" = not asked) and to PING: "+PONG", "-NOAUTH
// Authentication required.", "-LOADING Redis is loading the dataset in memory". A
// server that wants another password is up all the same.
func redisSays(login, line string) (string, error) {
	word, _, _ := strings.Cut(line, " ")
	refused := strings.HasPrefix(login, "-")
	switch word {
	case "+PONG":
		if refused { // -ERR AUTH called without any password configured
			return "it answers, and takes no password (" + login + ")", nil
		}
		return "", nil
	case "-NOAUTH", "-NOPERM", "-DENIED", "-WRONGPASS":
		if refused {
			return "it answers, and refuses the password of the URL (" + login + ")", nil
		}
		return "it answers, and wants a password (" + line + ")", nil
	}
	if strings.HasPrefix(line, "-") {
		return "", &said{replay.FaultStatus, line}
	}
	return "", &said{replay.FaultProtocol, "an answer that is none of redis': " + line}
}

// amqpHello sends the protocol header and wants Connection.Start, class 10, method
// 10, on channel 0 (AMQP 0-9-1, 2.2.4 and 4.2.3).
func amqpHello(conn net.Conn, _ *url.URL, m *moments) (string, error) {
	if _, err := conn.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		return "", err
	}
	m.at(&m.written)
	var head [8]byte // a frame's header and the first payload byte, or a header of 8
	if _, err := io.ReadFull(conn, head[:1]); err != nil {
		return "", err
	}
	m.at(&m.firstByte)
	if _, err := io.ReadFull(conn, head[1:]); err != nil {
		return "", err
	}
	if bytes.HasPrefix(head[:], []byte("AMQP")) {
		return "", &said{replay.FaultProtocol, fmt.Sprintf("it speaks AMQP %d.%d.%d, not 0.9.1", head[5], head[6], head[7])}
	}
	var rest [3]byte
	if _, err := io.ReadFull(conn, rest[:]); err != nil {
		return "", err
	}
	class, method := binary.BigEndian.Uint16([]byte{head[7], rest[0]}), binary.BigEndian.Uint16(rest[1:])
	if head[0] != 1 || class != 10 || method != 10 {
		return "", &said{replay.FaultProtocol, "an answer that is none of AMQP's"}
	}
	return "", nil
}
