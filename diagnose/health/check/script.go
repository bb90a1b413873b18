package check

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// Probes written in Python, Node and the like: exit code 1 for everything, the
// reason in the last line of the traceback.

const traceback = "Traceback (most recent call last):"

// errorLine is an exception's line: "urllib.error.URLError: <urlopen error ...>".
var errorLine = lazyregexp.New(`^[A-Za-z_][\w.]*(?::|$)`)

// errorSigns read one line in which a program names its error. The order
// matters: RemoteDisconnected comes within "Connection aborted" (requests).
// Forms: urllib and sockets measured (testdata/clients.json, health-wedged-app),
// httpx and requests in the service logs of docs/notes/PYTHON.md, Node's errno names.
var errorSigns = []sign{
	{lazyregexp.New(`HTTP Error (\d{3})\b|: (\d{3}) (?:Client|Server) Error: |(?:Client|Server) error '(\d{3}) `),
		HTTPStatus, ""},
	{lazyregexp.New(`SSL: |SSLError|SSLCertVerificationError|CERTIFICATE_VERIFY_FAILED`), TLS, noTLS},
	// 99 is what a container without IPv6 answers for ::1, which a resolver puts before 127.0.0.1 for "localhost": Python
	// tells the error of the first address, though nothing listened at the second either (measured on 3.11).
	{lazyregexp.New(`Connection refused|ConnectionRefusedError|ECONNREFUSED|All connection attempts failed|` +
		`\[Errno 99\]|EADDRNOTAVAIL`), Refused, nobodyListens},
	{lazyregexp.New(`timed out|Timeout(?:Error)?(?::|$)|ETIMEDOUT`), Timeout, ownTimeout},
	{lazyregexp.New(`Name or service not known|Temporary failure in name resolution|Name does not resolve|gaierror|ENOTFOUND|EAI_AGAIN`), DNS, NoName},
	{lazyregexp.New(`RemoteDisconnected|Remote end closed connection without response|Server disconnected without sending`), EmptyReply, ClosedEmpty},
	{lazyregexp.New(`Connection reset by peer|ConnectionResetError|ECONNRESET|BrokenPipeError`), Reset, WasReset},
	{lazyregexp.New(`IncompleteRead|peer closed connection without sending complete`), Reset, BrokenOff},
	{lazyregexp.New(`^ModuleNotFoundError: `), ToolMissing, "a Python module that the probe needs is not in the image"},
}

// tracebackSays reads the last line of a traceback that names an error. Where the
// engine has cut the output, the last line is lost, and an earlier one of the
// chain (the socket's own error) often tells as much.
func tracebackSays(r reading) (Result, bool) {
	at := strings.Index(r.p.Output, traceback)
	if at < 0 || r.check.printsAnswers() && r.check.Tool() != "python" {
		return Result{}, false
	}
	lines := strings.Split(r.p.Output[at+len(traceback):], "\n")
	cut := len(r.p.Output) >= outputLimit
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimRight(lines[i], "\r")
		if !errorLine().MatchString(line) || cut && i == len(lines)-1 {
			continue
		}
		if result, ok := firstOf(errorSigns, line); ok {
			return result, true
		}
		if !cut {
			return failed(Failed, "the probe's script ended with an exception of its own"), true
		}
	}
	if cut {
		return failed(Failed, "the probe's script raised an exception; the output is cut before the line that names "+
			"it"), true
	}
	return Result{}, false
}

// othersSay reads the last line of the other programs, which print their own
// words only. curl and wget are not asked here: what they print may be the
// service's answer. A line that looks like JSON is an answer too.
func othersSay(r reading) (Result, bool) {
	if r.check.printsAnswers() {
		return Result{}, false
	}
	text := strings.TrimRight(r.p.Output, "\r\n\t ")
	line := strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	if r.check.Tool() == "node" { // prints the stack and properties behind the message
		line = nodeError(text)
	}
	if line == "" || strings.ContainsRune(`{["<`, rune(line[0])) || len(line) > 500 {
		return Result{}, false
	}
	return firstOf(errorSigns, line)
}

// nodeError returns the line that names Node's error, "Error: connect
// ECONNREFUSED 127.0.0.1:3000", "" where there is none.
func nodeError(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "Error: ") {
			return line
		}
	}
	return ""
}
