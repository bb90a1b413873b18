package servicelog

import (
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// The guard names the service's own line, and mostly what was raised there, in the line itself:
//
//	gateway-guard handlers: exception handler report threw KeyError: 'code' at /srv/app.py:19 report; it was called for …
//	gateway-guard exit: os._exit ends the process at once with code 3 at /srv/app.py:3 leave
var (
	guardPlace  = lazyregexp.New(` at ([^\s:]+\.py|<\w+>):(\d+) ([\w<>]+)`)
	guardRaised = lazyregexp.New(`[ :]((?:\w+\.)*[A-Z]\w*(?:Error|Exception|Exit|Group|Interrupt))(?:: (.*))?$`)
)

// guardException is what a line of the guard says of an exception and its place; its type is "" where the line tells of
// none. nil = the line names no place.
func guardException(line string) *traceback.Exception {
	at := guardPlace().FindStringSubmatchIndex(line)
	if at == nil {
		return nil
	}
	number, _ := strconv.Atoi(line[at[4]:at[5]])
	place := traceback.Frame{File: line[at[2]:at[3]], Line: number, Function: line[at[6]:at[7]]}
	e := &traceback.Exception{Frames: []traceback.Frame{place}}
	if m := guardRaised().FindStringSubmatch(line[:at[0]]); m != nil {
		e.Type, e.Message = m[1], m[2]
		e.Chain = []string{strings.TrimSuffix(m[1]+": "+m[2], ": ")}
	}
	return e
}
