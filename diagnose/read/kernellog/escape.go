package kernellog

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

// escaping is how a wrapping hid odd bytes of the message.
type escaping uint8

const (
	escapeNone  escaping = iota
	escapeHex            // \x0a: /dev/kmsg (Documentation/ABI/testing/dev-kmsg)
	escapeOctal          // #012: rsyslog's control character escapes
	escapeJSON           // inside a JSON string, without its quotes
)

// maxMessage bounds what is parsed and kept of one message. The kernel cuts a
// record at about 1 KiB (PRINTK_MESSAGE_MAX is 2048), so a longer one is forged.
const maxMessage = 4096

// decoded returns the message with its wrapping's escapes undone, once, and cut.
func decoded(msg []byte, how escaping) []byte {
	msg = unescaped(msg[:min(len(msg), 6*maxMessage)], how) // \u00NN is the longest escape
	return msg[:min(len(msg), maxMessage)]
}

func unescaped(msg []byte, how escaping) []byte {
	switch how {
	case escapeHex:
		return unescapeHex(msg)
	case escapeOctal:
		return unescapeOctal(msg)
	case escapeJSON:
		return []byte(jsonString(msg))
	}
	return msg
}

func unescapeHex(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+3 < len(b) && b[i+1] == 'x' {
			if v, err := strconv.ParseUint(string(b[i+2:i+4]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 3
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// unescapeOctal undoes #NNN for control characters only: a process may really be
// called "#100".
func unescapeOctal(b []byte) []byte {
	if bytes.IndexByte(b, '#') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+3 < len(b) && b[i+1] == '0' {
			if v, err := strconv.ParseUint(string(b[i+2:i+4]), 8, 8); err == nil && v < 0x20 {
				out = append(out, byte(v))
				i += 3
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

// withoutColours drops the sequences ESC [ … m, and … K, with which dmesg,
// journalctl and grep colour a terminal, and the return to the start of a line
// that a terminal was made to write over.
func withoutColours(b []byte) []byte {
	if bytes.IndexByte(b, 0x1b) < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if size := colourSize(b[i:]); size > 0 {
			i += size - 1
			continue
		}
		out = append(out, b[i])
	}
	return bytes.TrimLeft(out, "\r")
}

// colourSize returns the length of the sequence that b begins with; 0 = with none.
func colourSize(b []byte) int {
	if b[0] != 0x1b || len(b) < 2 || bytes.IndexByte([]byte("[]_P^"), b[1]) < 0 {
		return 0
	}
	if n := envelope.EscapeLen(b); n > 2 {
		return n
	}
	return 0
}

const maxExcerpt = 512

// excerptOf returns the message as evidence: valid UTF-8, capped.
func excerptOf(msg []byte) string {
	if len(msg) > maxExcerpt {
		msg = msg[:maxExcerpt]
	}
	return strings.ToValidUTF8(string(msg), "\uFFFD")
}
