package check

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// What the clients say in their own words. curl and wget print the service's
// answer as well, so only their own message forms are read. Measured with curl
// 7.88.1, GNU wget 1.21.3 and Python 3.11.2 against a server for each fault
// (testdata/clients.json); busybox wget's forms are read in networking/wget.c.

// curlMessage is curl's error line. With a progress meter it follows on the same
// line, so it is not anchored.
var curlMessage = lazyregexp.New(`curl: \((\d{1,3})\) ([^\r\n]*)`)

var curlStatus = lazyregexp.New(`returned error: (\d{3})`)

func curlSays(r reading) (Result, bool) {
	matches := curlMessage().FindAllStringSubmatch(r.p.Output, -1)
	for i := len(matches) - 1; i >= 0; i-- { // after retries the last one counts
		code, _ := strconv.Atoi(matches[i][1])
		if result, ok := curlResult(code, matches[i][2]); ok {
			return result, true
		}
	}
	if r.check.codeFrom("curl") {
		return curlResult(r.p.ExitCode, "")
	}
	return Result{}, false
}

// curlResult reads a code of curl(1), EXIT CODES.
func curlResult(code int, message string) (Result, bool) {
	switch code {
	case 3:
		return failed(Failed, "the URL in the health check is malformed"), true
	case 5, 6:
		return failed(DNS, NoName), true
	case 7:
		return curlConnect(message), true
	case 18:
		return failed(Reset, BrokenOff), true
	case 22:
		return withStatus(firstStatus(curlStatus(), message)), true
	case 28:
		return failed(Timeout, ownTimeout), true
	case 35, 51, 58, 60, 77, 83, 90, 91:
		return failed(TLS, noTLS), true
	case 47:
		return failed(Failed, "the service redirects in circles"), true
	case 52:
		return failed(EmptyReply, ClosedEmpty), true
	case 55, 56, 92:
		return failed(Reset, WasReset), true
	case 1:
		if strings.Contains(message, "HTTP/0.9") {
			return failed(Failed, "what answered does not speak HTTP"), true
		}
	}
	return Result{}, false
}

// curlConnect: code 7 is any failed connect; older versions say why, newer ones
// only "Couldn't connect to server", which on one's own host is a refusal.
func curlConnect(message string) Result {
	switch {
	case strings.Contains(message, "No route to host"), strings.Contains(message, "unreachable"):
		return failed(Failed, "no network path to the address of the health check")
	case strings.Contains(message, "timed out"):
		return failed(Timeout, ownTimeout)
	}
	return failed(Refused, nobodyListens)
}

// The sentences that several clients share.
const (
	NoName        = "the host name in the health check was not resolved"
	nobodyListens = "the connection was refused: nothing listens at that address"
	ownTimeout    = "no answer within the probe's own time limit"
	noTLS         = "no TLS session: the port speaks plain HTTP, or its certificate is not trusted"
	ClosedEmpty   = "the service accepted the connection and closed it without an answer"
	WasReset      = "the connection was reset before the answer was complete"
	BrokenOff     = "the connection was closed in the middle of the answer"
)

// withStatus is the result for an answer with an error status; 0 = not known.
func withStatus(status int) Result {
	r := failed(HTTPStatus, "the service answered with an error status")
	if status > 0 {
		r = failed(HTTPStatus, "the service answered with HTTP status %d", status)
	}
	r.HTTPStatus = status
	return r
}

// sign is a client's own message and what it means.
type sign struct {
	re      func() *regexp.Regexp
	outcome Outcome
	summary string
}

// result returns the reading where the text has the sign. A status is the last
// group that holds one: after redirects the last answer counts.
func (s sign) result(text string) (Result, bool) {
	if s.outcome != HTTPStatus {
		return Result{Outcome: s.outcome, Summary: s.summary}, s.re().MatchString(text)
	}
	matches := s.re().FindAllStringSubmatch(text, -1)
	if len(matches) == 0 {
		return Result{}, false
	}
	status := 0
	for _, m := range matches {
		for _, group := range m[1:] {
			if n := parseStatus(group); n > 0 {
				status = n
			}
		}
	}
	return withStatus(status), true
}

func firstStatus(re *regexp.Regexp, text string) int {
	if m := re.FindStringSubmatch(text); m != nil {
		return parseStatus(m[1])
	}
	return 0
}

func parseStatus(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return n
}

func firstOf(signs []sign, text string) (Result, bool) {
	for _, s := range signs {
		if result, ok := s.result(text); ok {
			return result, true
		}
	}
	return Result{}, false
}

// wgetSigns are the messages of GNU wget and, with "wget: " before them, of
// busybox. The network's faults come first: an answer from before a retry is older.
var wgetSigns = []sign{
	{lazyregexp.New(`(?m)failed: Connection refused\.|^wget: can't connect to remote host[^\n]*: Connection refused`),
		Refused, nobodyListens},
	{lazyregexp.New(`(?m)Read error \([^)\n]*timed out\)|failed: (?:Connection|Operation) timed out\.|^wget: download timed out|^wget: can't connect to remote host[^\n]*: (?:Connection|Operation) timed out`), Timeout, ownTimeout},
	{lazyregexp.New(`(?m)unable to resolve host address|^wget: bad address `), DNS, NoName},
	{lazyregexp.New(`(?m)Unable to establish SSL connection|^ERROR: cannot verify |^ERROR: The certificate of |^wget: TLS error`), TLS, noTLS},
	{lazyregexp.New(`(?m)^wget: can't execute 'ssl_client'`), ToolMissing,
		"ssl_client, which busybox wget needs for https, is not in the image"},
	{lazyregexp.New(`(?m)Read error \(Connection reset by peer\)|^wget: error getting response: Connection reset by peer`), Reset, WasReset},
	{lazyregexp.New(`(?m)\bNo data received\.|^wget: error getting response`), EmptyReply, ClosedEmpty},
	{lazyregexp.New(`(?m)Connection closed at byte \d|^wget: connection closed prematurely`), Reset, BrokenOff},
	{lazyregexp.New(`(?m)awaiting response\.\.\. ([45]\d\d) |\bERROR ([45]\d\d): |^wget: server returned error: HTTP/\d(?:\.\d)? (\d{3})|^Remote file does not exist -- broken link`), HTTPStatus, ""},
}

func wgetSays(r reading) (Result, bool) {
	if !r.check.uses("wget") {
		return Result{}, false
	}
	if result, ok := firstOf(wgetSigns, r.p.Output); ok {
		return result, true
	}
	if !r.check.codeFrom("wget") {
		return Result{}, false
	}
	switch r.p.ExitCode { // wget(1), EXIT STATUS
	case 4:
		return failed(Failed, "wget met a network failure and was told not to say which"), true
	case 5:
		return failed(TLS, noTLS), true
	case 6, 8:
		return withStatus(0), true
	}
	return Result{}, false
}
