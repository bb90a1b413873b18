package envelope

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/stamp"
)

// prioritised opens "<27>" and what may follow it: nothing, RFC 3164 or RFC 5424.
//
//	<27>Nov 23 09:06:15 host gateway[812]: msg
//	<27>1 2026-11-23T09:06:15.123456Z host gateway 812 - - msg
//	<3>msg
func (o *Opener) prioritised(l *Line) bool {
	end := bytes.IndexByte(l.Text[:min(len(l.Text), 6)], '>')
	if end < 2 {
		return false
	}
	n, ok := lex.Number(l.Text[1:end])
	if !ok || n > 8*128 {
		return false
	}
	l.priority(n)
	l.cut(end + 1)
	if len(l.Text) > 2 && l.Text[0] == '1' && l.Text[1] == ' ' {
		o.structured(l)
	}
	return true
}

// structured opens the rest of an RFC 5424 header, "1 TIME HOST APP PROCID MSGID DATA msg".
func (o *Opener) structured(l *Line) {
	rest := l.Text[2:]
	var f [5][]byte // time, host, app, procid, msgid
	for i := range f {
		end := bytes.IndexByte(rest[:min(len(rest), maxName)], ' ')
		if end < 1 {
			return
		}
		f[i], rest = rest[:end], rest[end+1:]
	}
	data := structuredData(rest)
	if data < 0 {
		return
	}
	if s, n := o.clock.ISO(f[0]); n == len(f[0]) {
		l.stamped(s)
	}
	pid, _ := lex.Number(f[3])
	if app := f[2]; string(app) != "-" {
		l.program(nilDash(f[1]), app, pid)
	}
	l.Text = bytes.TrimPrefix(bytes.TrimPrefix(rest[data:], []byte(" ")), []byte("\xef\xbb\xbf"))
}

func nilDash(b []byte) []byte {
	if string(b) == "-" {
		return nil
	}
	return b
}

// structuredData returns the length of "-" or `[id key="value" …][…]`, -1 where b does not begin with one.
func structuredData(b []byte) int {
	if len(b) > 0 && b[0] == '-' {
		return 1
	}
	i := 0
	for i < len(b) && b[i] == '[' {
		for i++; i < len(b) && b[i] != ']'; i++ {
			if b[i] == '"' {
				end := jsontext.StringEnd(b[i:])
				if end < 0 {
					return -1
				}
				i += end - 1
			}
		}
		i++
	}
	if i == 0 || i > len(b) {
		return -1
	}
	return i
}

// syslog opens "host gateway[812]: msg" behind a time, with BusyBox's "daemon.err" between, or without the host. A
// word and a name with a colon are a header where the time names its month, where a pid or a known host says so; else
// they may be the first words of a message.
func (o *Opener) syslog(l *Line, s stamp.Time, named bool) bool {
	b := l.Text
	first := lex.WordEnd(b)
	if first <= 0 || first > maxName {
		return false
	}
	if name, pid, size := ident(b[:first]); size > 0 { // no host
		if named && severity.Of(name) == severity.Unknown || pid != 0 || string(name) == "kernel" {
			l.program(nil, name, max(pid, 0))
			return o.message(l, b, size)
		}
		return false
	}
	host, rest := b[:first], b[min(first+1, len(b)):]
	if n, ok := facilityLevel(host); ok {
		host = nil
		l.priority(n)
	} else if second := lex.WordEnd(rest); second > 0 {
		if n, ok := facilityLevel(rest[:second]); ok {
			l.priority(n)
			rest = rest[min(second+1, len(rest)):]
		}
	}
	second := lex.WordEnd(rest)
	if second <= 0 || second > maxName || !hostName(host) {
		return false
	}
	name, pid, size := ident(rest[:second])
	if size == 0 || severity.Of(host) != severity.Unknown {
		return false
	}
	if !named && pid == 0 && string(name) != "kernel" && !bytes.Equal(host, o.learned.host) &&
		!beginsMessage(bytes.TrimPrefix(rest[size:], []byte(" "))) {
		return false
	}
	l.program(host, name, max(pid, 0))
	return o.message(l, rest, size)
}

// message ends a header of n bytes: one blank stands before the message, further ones are its own.
func (o *Opener) message(l *Line, b []byte, n int) bool {
	l.Text = bytes.TrimPrefix(b[n:], []byte(" "))
	if bytes.Contains(l.Text, []byte("#0")) {
		at := l.Depth % MaxDepth
		o.scratch[at] = appendOctal(o.scratch[at][:0], l.Text)
		l.Text = o.scratch[at]
	}
	return true
}

// appendOctal appends a text with rsyslog's "#012" undone, for control characters only: a process may well be called
// "#100".
func appendOctal(to, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] == '#' && i+3 < len(text) && text[i+1] == '0' && text[i+2] >= '0' && text[i+2] <= '3' &&
			text[i+3] >= '0' && text[i+3] <= '7' {
			to = append(to, (text[i+2]-'0')<<3|text[i+3]-'0')
			i += 3
			continue
		}
		to = append(to, text[i])
	}
	return to
}

// repeated opens rsyslog's "message repeated 3 times: [ msg]".
func repeated(l *Line) bool {
	rest, ok := bytes.CutPrefix(l.Text, []byte("message repeated "))
	if !ok || rest[len(rest)-1] != ']' {
		return false
	}
	_, inner, ok := bytes.Cut(rest[:len(rest)-1], []byte(" times: ["))
	if ok {
		l.Text = bytes.TrimPrefix(inner, []byte(" "))
	}
	return ok
}

func hostName(b []byte) bool {
	for _, c := range b {
		if !lex.IsWord(c) && c != '.' && c != '-' && c != ':' {
			return false
		}
	}
	return len(b) == 0 || b[len(b)-1] != ':'
}

// ident reads "gateway[812]:", "kernel:" or "app[web.1]:", which is a whole word, and returns how long it is; zero
// where word is none. The pid is -1 where a name stands in its place.
func ident(word []byte) (name []byte, pid, size int) {
	if len(word) < 2 || word[len(word)-1] != ':' {
		return nil, 0, 0
	}
	name = word[:len(word)-1]
	if name[len(name)-1] != ']' {
		for _, c := range name {
			if !nameByte[c] && c != '(' && c != ')' && c != '\\' && c != '+' {
				return nil, 0, 0
			}
		}
		return name, 0, len(word)
	}
	open := bytes.IndexByte(name, '[')
	if open < 1 || open > len(name)-3 {
		return nil, 0, 0
	}
	inside := name[open+1 : len(name)-1]
	if n, ok := lex.Number(inside); ok {
		return name[:open], n, len(word)
	}
	for _, c := range inside {
		if !nameByte[c] {
			return nil, 0, 0
		}
	}
	return inside, -1, len(word)
}

var facilities = []string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
	"authpriv", "ftp", "ntp", "security", "console", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

var syslogLevels = []string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

// facilityLevel reads "daemon.err" as its number.
func facilityLevel(word []byte) (int, bool) {
	name, level, ok := bytes.Cut(word, []byte("."))
	if !ok {
		return 0, false
	}
	for f, facility := range facilities {
		if facility != string(name) {
			continue
		}
		for n, l := range syslogLevels {
			if l == string(level) || l == "err" && string(level) == "error" || l == "warn" && string(level) == "warning" {
				return f*8 + n, true
			}
		}
	}
	return 0, false
}
