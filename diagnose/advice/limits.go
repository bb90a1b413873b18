package advice

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest/inside"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
)

// clientLimits is for the client library that the stack, in the log or in memory, or the exception names.
func clientLimits(c inquest.Case, f *servicelog.Finding) []draft {
	return limitsOf(c, cmp.Or(library(f), libraryInside(c)))
}

// libraryInside is the client library in which memory shows the service to stand or its health check to wait; "" = in
// none.
func libraryInside(c inquest.Case) string {
	var stacks [][]evidence.Frame
	for _, s := range c.StuckLoops {
		stacks = append(stacks, s.Frames)
	}
	for _, r := range c.Routes {
		stacks = append(stacks, r.Frames)
	}
	if len(c.Stuck) > 0 && c.Stuck[0].Wait != nil {
		stacks = append(stacks, c.Stuck[0].Wait.Frames)
	}
	for _, frames := range stacks {
		for _, frame := range slices.Backward(frames) { // what the program calls before what that is made of
			for _, l := range clients {
				if l.called(frame.File) {
					return l.library
				}
			}
		}
	}
	return ""
}

// libraryOf is the usual client of a server, by the server's image or service name: where no stack names the library,
// what it talks to does. Databases have too many.
var libraryOf = map[string]string{"redis": "redis", "valkey": "redis", "rabbitmq": "pika", "mongo": "pymongo"}

// libraryAt is the same by the server's port, whatever it is called.
var libraryAt = map[string]string{"6379": "redis", "5672": "pika", "27017": "pymongo"}

// dependencyLimits is for the client of the neighbour that it waits for. Where the library is not known, that it waits
// without end is.
func dependencyLimits(c inquest.Case) []draft {
	d, address := awaited(c)
	for _, server := range slices.Sorted(maps.Keys(libraryOf)) {
		if strings.Contains(d.Service, server) || strings.Contains(d.Image, server) {
			return limitsOf(c, libraryOf[server])
		}
	}
	return limitsOf(c, libraryAt[address[strings.LastIndexByte(address, ':')+1:]])
}

// awaited is the neighbour for which it waits, and its address with the port, as far as they are known.
func awaited(c inquest.Case) (d inquest.Dependency, address string) {
	w := c.MainWait()
	if len(c.Stuck) > 0 {
		d, w = c.Stuck[0], c.Stuck[0].Wait
	}
	switch {
	case w != nil:
		address = w.Address
	case len(d.Unread) > 0:
		address = ":" + strconv.Itoa(d.Unread[0].Port)
	}
	return d, address
}

// waitLimit is for what waits without end for a neighbour, and serves nobody who would notice. A wait that its client
// ends by itself needs none, nor does what ended by the client's own word.
func waitLimit(c inquest.Case, reason string, f *servicelog.Finding) []draft {
	if !c.Alive() || f != nil || reason != fact.DependencyDown && reason != fact.DependencyLost {
		return nil
	}
	for _, known := range [][]draft{clientLimits(c, nil), dependencyLimits(c), anyLimit(c)} {
		if len(known) > 0 {
			return known
		}
	}
	return nil
}

// anyLimit is for a client of which no more is known than for whom it waits.
func anyLimit(c inquest.Case) []draft {
	d, address := awaited(c)
	who := d.Called()
	if w := c.MainWait(); who == "" && w != nil {
		who = cmp.Or(w.Called, address)
	}
	if who == "" || d.Silence == inquest.SilenceAlarm { // that one has advice of its own
		return nil
	}
	limit := draft{when: Then, title: literal("Give the client of " + who + " a time limit: it waits without end")}
	if plainSocket(d.Wait) {
		return []draft{inPython(limit, socketLimit)}
	}
	return []draft{limit}
}

// plainSocket tells whether the program itself calls the socket that a thread waits on.
func plainSocket(w *inquest.Wait) bool {
	return w != nil && len(w.Frames) > 0 && inside.Own(w.Frames[0])
}

func limitsOf(c inquest.Case, used string) []draft {
	if !c.Python() {
		return nil
	}
	detail := "A blocking client in an async handler stops the whole loop: call it through asyncio.to_thread."
	if len(c.StuckLoops) == 0 && (len(c.Routes) > 0 || c.Inside != nil) {
		detail = "" // the loop goes on, or there is none
	}
	for _, l := range clients {
		if l.library == used {
			return []draft{inPython(draft{when: Then, title: l.title, detail: detail}, l.snippet)}
		}
	}
	return nil
}

// library is the one of clients in which an exception arose; "" = in none of them.
func library(f *servicelog.Finding) string {
	if f == nil || f.Exception == nil {
		return ""
	}
	for _, text := range append([]string{f.Exception.Type}, f.Exception.Chain...) {
		for _, l := range clients {
			if strings.HasPrefix(text, l.library+".") {
				return l.library
			}
		}
	}
	for _, frame := range slices.Backward(f.Exception.Frames) {
		for _, l := range clients {
			if l.called(frame.File) {
				return l.library
			}
		}
	}
	return ""
}
