package advice

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// valuesOf is what is known of a case, by the names of the gaps. What is not known is not there.
func valuesOf(c inquest.Case, f *servicelog.Finding) map[string]string {
	v := map[string]string{"cli": engine(c), "name": containerName(c), "service": ownService(c)}
	if v["cli"] == "docker" {
		v["docker"] = "docker"
	}
	if c.Alive() {
		v["alive"] = v["name"]
	} else if down(c) {
		v["ended"] = v["name"]
	}
	if len(c.LogFiles) > 0 {
		v["ownlog"] = c.LogFiles[0]
	}
	if c.Spec != nil {
		specValues(v, c.Spec)
	}
	if inPod(c) {
		podValues(v, c)
	}
	if f != nil {
		findingValues(v, c, f)
	} else if w := c.FatalLastWords(); w != nil {
		take(v, said, w.Text)
		permittedValues(v, w.Text)
	} else if full := c.Process.FullRooms(); len(full) > 0 && c.Spec != nil {
		roomValues(v, c.Spec, full[0].Mount)
	}
	if c.Status != nil {
		take(v, said, c.Status.Error)
		refusalValues(v, c)
	}
	if c.Death.Signal == "SIGSYS" {
		v["forbidden"] = forbiddenCall(c)
	}
	portValues(v, c)
	standValues(v, c)
	storeValues(v, c)
	return v
}

// standValues fill in what stands still in a service that lives.
func standValues(v map[string]string, c inquest.Case) {
	line := func(f evidence.Frame) string { return fmt.Sprintf("%s:%d", f.File, f.Line) }
	if len(c.Circles) == 0 && len(c.Orphans) > 0 {
		v["orphanline"] = line(c.Orphans[0].First.Place)
	}
	if len(c.Circles) > 0 || len(c.Orphans) > 0 {
		v["standing"] = v["alive"]
	}
	if c.Stopped > 0 && !c.Halted() {
		v["stopped"] = v["alive"]
	} else {
		v["halted"] = v["alive"]
	}
	if len(c.Stalled) > 0 {
		v["stallline"] = line(c.Stalled[0].Place)
	}
}

// forbiddenCall is the number of the system call that the kernel's record of a seccomp kill names.
func forbiddenCall(c inquest.Case) string {
	for _, k := range c.Crashes {
		if m := systemCall().FindStringSubmatch(k.Excerpt); m != nil {
			return "number " + m[1]
		}
	}
	return "(the kernel's audit record names it)"
}

var systemCall = lazyregexp.New(`\bsyscall=(\d+)`)

// portValues fill in who has the port that was refused.
func portValues(v map[string]string, c inquest.Case) {
	t := c.TakenPort()
	if t == nil {
		return
	}
	port := strconv.Itoa(t.Port)
	switch h := t.Holder; {
	case h == nil && t.Unseen == "" && c.Death.State != fact.StateGone:
		v["freeport"] = port
	case h == nil:
		return
	case h.Container != "" && t.Shared:
		v["sharer"], v["sharedport"] = h.Container, port
		delete(v, "port")
	case h.Container != "" && h.Project != "" && t.Service == "":
		v["foreigncontainer"], v["foreignport"] = h.Container, port
	case h.Container != "":
		v["portcontainer"], v["heldport"] = h.Container, port
	case h.LeadsTo != "":
		v["staleport"] = port
	case h.PID > 0:
		v["portprocess"] = strconv.Itoa(h.PID)
	default:
		v["unseenport"] = port
	}
	delete(v, "published") // nobody needs to look for it
}

// ownService is what YAML calls the service: its compose service, else the container's name; "" = neither is a plain
// word.
func ownService(c inquest.Case) string {
	if c.Spec != nil && plainWord(c.Spec.Service) {
		return c.Spec.Service
	}
	if plainWord(c.Target.Name) && c.Target.Name[0] != '-' {
		return c.Target.Name
	}
	return ""
}

// engine is the command of the runtime; "" = its containers have none of docker's shape.
func engine(c inquest.Case) string {
	switch c.Target.Runtime {
	case "docker", "podman":
		return c.Target.Runtime
	case "containerd":
		return "nerdctl"
	}
	return ""
}

// containerName is what a command calls the container: its name where that is a plain word, else its id.
func containerName(c inquest.Case) string {
	if c.Death.State == fact.StateGone {
		return ""
	}
	if name := c.Target.Name; safeWord(name) && !strings.ContainsAny(name, "/:@%+") {
		return name
	}
	if id := c.Target.ID; len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" {
		return id[:12]
	}
	return ""
}

// isSuperuser knows the user that needs no permission, by name or number, whatever the group.
func isSuperuser(user string) bool {
	user += ":"
	return strings.HasPrefix(user, "root:") || strings.HasPrefix(user, "0:")
}

func specValues(v map[string]string, s *evidence.Spec) {
	if s.Memory > 0 {
		v["limit"] = words.Size(s.Memory)
		v["heap"] = strconv.FormatInt(mebibytes(s.Memory)*3/4, 10) // a quarter is for what is not heap
	}
	if s.ShmSize > 0 {
		v["shm"], v["shm2"] = words.Size(s.ShmSize), strconv.FormatInt(2*mebibytes(s.ShmSize), 10)+"m"
	}
	if s.PidsLimit != nil && *s.PidsLimit > 0 {
		v["pids"], v["pids2"] = strconv.FormatInt(*s.PidsLimit, 10), strconv.FormatInt(2**s.PidsLimit, 10)
	}
	if s.User != "" && !isSuperuser(s.User) {
		v["user"] = s.User
	}
	if program := s.NoInput(); program != "" {
		v["noinput"] = program
		return
	}
	for _, word := range strings.Fields(strings.Join(s.Command, " ")) {
		name := word[strings.LastIndexByte(word, '/')+1:]
		if how := foreground[name]; how != "" {
			v["program"], v["foreground"] = name, how
			break
		}
	}
}

func findingValues(v map[string]string, c inquest.Case, f *servicelog.Finding) {
	object := objectOf(f)
	v["object"], v["says"] = object, exceptionText(f)
	if f.Exception != nil && f.Exception.Type != "" {
		v["exception"] = f.Exception.Type
	}
	v["host"], v["port"], _ = strings.Cut(object, ":")
	if len(object) <= 5 && strings.Trim(object, "0123456789") == "" {
		v["port"] = object
	}
	if slices.ContainsFunc(c.Refusal, func(r servicelog.Finding) bool { return r.ID == f.ID }) {
		v["published"], v["hostport"] = v["port"], v["port"] // the engine says it, so it is a port of the host
		delete(v, "port")
	}
	if alarm := inquest.AlarmOf(*f); alarm != "" && len(c.Stuck) == 0 {
		v["alarm"] = alarm
	}
	if f.Other == fact.WatchdogKill {
		v["hostmemory"] = "the host's memory"
		if f.Exception != nil { // a dump of the program's own threads
			v["watched"] = cmp.Or(f.Exception.Place(), "it")
		}
	}
	if f.Other == fact.ThreadsRefused && v["pids"] == "" {
		v["unlimited"] = "ulimit -u, the engine's own limit of tasks"
	}
	for _, refusal := range []string{"EPERM", "Operation not permitted"} {
		if strings.Contains(f.Excerpt, refusal) && f.Other == fact.ThreadsRefused {
			v["refusal"] = refusal
			delete(v, "unlimited")
		}
	}
	if settingName(object) {
		v["variable"] = object
	}
	if len(strings.Fields(object)) > 1 && f.Other == fact.CommandMissing {
		v["commandline"] = "[\"" + strings.Join(strings.Fields(object), "\", \"") + "\"]"
	}
	dependencyValues(v, c)
	resolverValues(v, c.Spec, f)
	refuserValues(v, c, f)
	pathValues(v, c, object)
	if m := missingFile().FindStringSubmatch(exceptionText(f)); m != nil && c.Spec != nil && bound(c.Spec, m[1]) {
		v["bindfolder"] = m[1]
	}
	take(v, said, f.Excerpt+" "+exceptionText(f))
	if f.Other == fact.PermissionDenied || f.Other == "" {
		permittedValues(v, f.Excerpt+" "+exceptionText(f))
	}
	if n, err := strconv.ParseInt(v["phpbytes"], 10, 64); err == nil {
		v["phpdouble"] = strconv.FormatInt(2*mebibytes(n), 10) + "M"
	}
}

// take takes over what a text names.
func take(v map[string]string, list []saidValue, text string) {
	for _, s := range list {
		if v[s.name] != "" || !strings.Contains(text, s.near) {
			continue
		}
		if m := s.expr().FindStringSubmatch(text); m != nil {
			v[s.name] = m[1]
		}
	}
}

// dependencyValues sorts the dependency that a finding names: the container itself, a neighbour, or something else.
func dependencyValues(v map[string]string, c inquest.Case) {
	host := v["host"]
	i := slices.IndexFunc(c.Neighbours, func(n evidence.Neighbour) bool { return n.Is(host) })
	switch {
	case host == "localhost" || host == "127.0.0.1" || host == "::1":
		v["loopback"] = host
	case i >= 0:
		n := c.Neighbours[i]
		if u := c.Unresolved(); u != nil && u.ID == n.ID {
			unresolvedValues(v, c, *u)
			return
		}
		if plainWord(n.Service) {
			v["neighbour"] = n.Service
		}
		if n.State == fact.StateRunning && n.Down == "" && safeWord(n.Name) {
			v["runs"] = n.Name
		}
	default:
		v["outside"] = host
	}
}

// unresolvedValues says what keeps a neighbour's name from being known.
func unresolvedValues(v map[string]string, c inquest.Case, n inquest.Unresolved) {
	switch {
	case n.Shared != "":
		v["unnamed"], v["shared"] = n.Name, n.Shared
	case n.Known:
		v["apart"] = n.Name
		if len(c.Spec.Networks) == 1 {
			v["network"] = c.Spec.Networks[0]
		}
	}
}

// resolverValues says who was asked for a name that nobody knows. A name without a dot is a container's, which no name
// server but the engine's knows.
func resolverValues(v map[string]string, s *evidence.Spec, f *servicelog.Finding) {
	if s == nil || !unresolved().MatchString(f.Excerpt+" "+exceptionText(f)) {
		return
	}
	dotted := strings.Contains(v["host"], ".")
	given := slices.IndexFunc(s.Resolvers, func(r string) bool { _, err := netip.ParseAddr(r); return err == nil })
	switch {
	case given >= 0 && (dotted || v["host"] == ""):
		v["resolver"] = s.Resolvers[given]
		v["asked"] = "the name"
		if dotted {
			v["asked"] = v["host"]
		}
		delete(v, "outside") // not its fault, as far as is known
	case s.DefaultBridge && !dotted:
		v["bridge"] = "default"
	}
}

// unresolved are the words for a name that nobody knows, of C libraries, Go, Node and Java.
var unresolved = lazyregexp.New(`Name or service not known|Temporary failure in name resolution|no such host|` +
	`nodename nor servname|ENOTFOUND|EAI_AGAIN|UnknownHostException|could not translate host name|[Hh]ost not found`)

// refuserValues names who refuses. A redis that is full says so to its clients alone; of what it cannot save or reach,
// its own log tells.
func refuserValues(v map[string]string, c inquest.Case, f *servicelog.Finding) {
	refuser := refuserOf(c, f)
	if refuser == "" || !strings.Contains(f.Excerpt+exceptionText(f), "OOM command not allowed") {
		v["refuser"] = refuser
		return
	}
	v["full"] = refuser
	if n := Refuser(c, *f); n != nil && n.State == fact.StateRunning && plainWord(n.Name) {
		v["fullname"] = n.Name
	}
}

// storeValues names the store itself where it is the one that refuses.
func storeValues(v map[string]string, c inquest.Case) {
	told, others := c.RefusedClient()
	refused := told != nil && !others && strings.Contains(told.Excerpt, "OOM command not allowed")
	if !refused && c.DataLimit() == nil {
		return
	}
	v["full"] = cmp.Or(v["service"], v["name"])
	if c.Alive() {
		v["fullname"] = v["name"]
	}
}

// refuserOf is who refuses a client for a state of its own, which no change of the client mends: the neighbour that is
// such a server, else the kind of server; "" = that is not so.
func refuserOf(c inquest.Case, f *servicelog.Finding) string {
	server, degraded := strings.CutSuffix(f.ID, "-degraded")
	if !degraded || !serverState(f) {
		return ""
	}
	if n := Refuser(c, *f); n != nil {
		return n.Service
	}
	return server
}

// Refuser is the neighbour that refuses a client for a state of its own; nil = it is not known which does, or that is
// not so.
func Refuser(c inquest.Case, f servicelog.Finding) (found *evidence.Neighbour) {
	server, degraded := strings.CutSuffix(f.ID, "-degraded")
	if !degraded || !serverState(&f) {
		return nil
	}
	for i, n := range c.Neighbours {
		if !strings.Contains(n.Service, server) && !strings.Contains(n.Image, server) || !plainWord(n.Service) {
			continue
		}
		if found != nil {
			return nil
		}
		found = &c.Neighbours[i]
	}
	return found
}

// serverState tells whether a refusal is for the server's state, not for what the client asks or who it is.
func serverState(f *servicelog.Finding) bool {
	text := f.Excerpt + exceptionText(f)
	return slices.ContainsFunc([]string{"MISCONF ", "OOM command not allowed", "CLUSTERDOWN ", "MASTERDOWN "},
		func(s string) bool { return strings.Contains(text, s) })
}

// target finds what a client could not connect to, in words that many of them share.
var target = lazyregexp.New(`[Cc]onnect(?:ing|ion)? (?:call failed \(')?(?:to )?([A-Za-z0-9][A-Za-z0-9._-]*)(?::|', )(\d{2,5})`)

// missingFile finds the path of what is a folder and should be a file, as Python, Node.js and Go say it.
var missingFile = lazyregexp.New(`(?:Is a directory: '|EISDIR: illegal operation on a directory, \w+ '|(?:open|read) )(/[^\s':]+)`)

// objectOf is what a finding is about; where its signature does not say, the address that its exception names.
func objectOf(f *servicelog.Finding) string {
	if f.Object != "" || f.Exception == nil {
		return f.Object
	}
	for _, text := range append([]string{f.Exception.Message}, f.Exception.Chain...) {
		if m := target().FindStringSubmatch(text); m != nil {
			return m[1] + ":" + m[2]
		}
	}
	return ""
}

// saidValue is a value that stands in a text; near is a part of it without which there is no use in looking.
type saidValue struct {
	name, near string
	expr       func() *regexp.Regexp
}

// said are values that stand in what a program printed.
var said = []saidValue{
	{"savereadonly", "Read-only file system", lazyregexp.New(`in server root dir (/[^\s)]*)\).*Read-only file system`)},
	{"savefull", "No space left on device", lazyregexp.New(`in server root dir (/[^\s)]*)\).*No space left on device`)},
	{"savedenied", "Permission denied", lazyregexp.New(`in server root dir (/[^\s)]*)\).*Permission denied`)},
	{"javaheap", "Java heap space", lazyregexp.New(`(Java heap space)`)},
	{"javaheap", "GC overhead limit", lazyregexp.New(`(GC overhead limit)`)},
	{"mainclass", "main class", lazyregexp.New(`Could not find or load main class ([\w.$]+)`)},
	{"jarfile", "jarfile", lazyregexp.New(`(?:access|corrupt) jarfile (\S+)`)},
	{"lowport", "ermission denied", lazyregexp.New(
		`(?:bind\(\) to \S*?:|listen tcp \S*?:|EACCES: permission denied \S*?:|address \('[^']*', )([1-9]\d{0,2})\b`)},
	{"trust", "CERTIFICATE_VERIFY_FAILED", lazyregexp.New(`(CERTIFICATE_VERIFY_FAILED)`)},
	{"trust", "SSL certificate problem", lazyregexp.New(`SSL certificate problem: ((?:[\w-]+ )*certificate|[\w -]+)`)},
	{"trust", "x509: ", lazyregexp.New(`(x509): certificate`)},
	{"trust", "PKIX path", lazyregexp.New(`(PKIX path)`)},
	{"trust", "self-signed certificate", lazyregexp.New(`(self-signed certificate)`)},
	{"nouser", "unable to find user", lazyregexp.New(`unable to find user ([\w.-]+)`)},
	{"device", "gathering device information", lazyregexp.New(`custom device "([^"\s]+)"`)},
	{"recursion", "stack exceeds", lazyregexp.New(`(stack exceeds)`)},
	{"recursion", "stack overflow", lazyregexp.New(`(stack overflow)`)},
	{"race", "concurrent map", lazyregexp.New(`(concurrent map)`)},
	{"mapcount", "vm.max_map_count", lazyregexp.New(`vm\.max_map_count.*\[(\d{5,7})\]`)},
	{"overcommit", "vm.overcommit_memory", lazyregexp.New(`vm\.(overcommit_memory)`)},
	{"phpbytes", "Allowed memory size of", lazyregexp.New(`Allowed memory size of (\d{6,13}) bytes`)},
	{"poolsize", "QueuePool limit", lazyregexp.New(`QueuePool limit of size (\d{1,6}) `)},
	{"overflow", "QueuePool limit", lazyregexp.New(`QueuePool limit of size \d{1,6} overflow (\d{1,6})`)},
	{"mainless", ".__main__", lazyregexp.New(`No module named '?([\w.]+)\.__main__`)},
	{"module", "No module named", lazyregexp.New(`No module named '?([\w.]+)`)},
	{"key", "KeyError: '", lazyregexp.New(`KeyError: '([A-Z][A-Z0-9_]*)'`)},
}

// settingName tells whether a word can be the name of an environment variable.
func settingName(s string) bool {
	return s != "" && len(s) < 100 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && s[0] > '9'
}

// exceptionText is what an exception says, in a line; without one, the line that tells.
func exceptionText(f *servicelog.Finding) string {
	text := f.Excerpt
	if e := f.Exception; e != nil && e.Type != "" {
		text = strings.TrimSuffix(e.Type+": "+e.Message, ": ")
	}
	text, _, _ = strings.Cut(text, "\n")
	if runes := []rune(text); len(runes) > longestSaid {
		text = string(runes[:longestSaid]) + "…"
	}
	return text
}
