package servicelog

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/excerpt"
)

// objectPatterns find what a text of a named other is about; the first that fits wins. They are looked at once a
// finding, never once a line, and only those that are tried are compiled.
var objectPatterns = sync.OnceValue(func() map[string][]func() *regexp.Regexp {
	patterns := map[string][]func() *regexp.Regexp{}
	for _, p := range objects {
		for _, expr := range p.patterns {
			compiled := lazyregexp.New(expr)
			for _, other := range p.others {
				patterns[other] = append(patterns[other], compiled)
			}
		}
	}
	return patterns
})

const (
	host = `[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`
	// named is a host with a letter in it, so that no time of day is one, or an address.
	named = `(?:[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]|\d+\.\d+\.\d+\.\d+)`
	path  = `(/[^\s'"’:,)]+)`
)

// objects says how the object stands in the texts of each named other. A pattern has one group, or two: host and port.
var objects = []struct {
	others   []string
	patterns []string
}{
	{[]string{fact.CommandMissing, fact.CommandNotExecutable, fact.InterpreterMissing, fact.CRLFScript,
		fact.WrongArchitecture}, []string{
		`exec: \\?"([^"\\]+)`, `exec ([^ :]+)(?: failed)?: `, `\[dumb-init\] ([^:]+):`, `(?:su-exec|gosu|env|timeout|nice|setpriv|stdbuf|xargs|chroot|runuser|su): (?:failed to (?:run|execute) (?:command )?)?[‘'"]?([^’'":]+)`,
		`(?:cannot open|can't open) '?([^':]+)`, `(?:line )?\d+: (?:exec: )?([^ :][^:]*): (?:not found|command not found|Permission denied|cannot execute|Exec format error|bad interpreter)`,
		`([^ :]+): (?:command not found|bad interpreter|cannot execute|Permission denied|not found)`, `jarfile (\S+)`,
		`main class (\S+)`, `does not exist: '([^']+)`, `(?:command not found|failed to load command): (\S+)`,
		`spawnerr: can't find command '([^']+)`}},
	{[]string{fact.LibraryMissing}, []string{
		`loading shared libraries: ([^:]+)`, `shared library ([^:]+)`, `version .([A-Z_0-9.]+). not found`,
		`Cannot find (?:module|package) '([^']+)`, `cannot load such file -- (\S+)`, `Can't locate (\S+)`,
		`No module named '?([\w.]+)`}},
	{[]string{fact.PortTaken}, []string{
		`\('[^']*', (\d+)\)`, `(?:listen tcp\d?|bind\(\) to|bind to address|listen EADDRINUSE: address already in use) (\S+?)(?:: bind| failed|: address|\s|$)`, `[Pp]ort (\d+)`, `socket \S*?:(\d+)`, `(?:\[::\]|[\d.]+|\*):(\d+)`}},
	{[]string{fact.PermissionDenied, fact.FileSystemFull, fact.ReadOnlyFileSystem, fact.DataDamaged}, []string{
		`[‘'"]` + path + `[’'"]`, `(?:open|mkdir|unlink|create|write|chown|rename|access|stat|scandir) '?` + path, `: ` +
			path, ` ` + path}},
	{[]string{fact.SettingMissing, fact.SettingRefused}, []string{
		`KeyError: '([^']+)`, `(?:Set the|The|[Ee]nvironment variable:?) ["'\x60]?([A-Z][A-Z0-9_]+)`,
		`([A-Za-z][A-Za-z0-9_]*): (?:unbound variable|parameter)`, `: (?:line )?\d+: ([A-Z][A-Z0-9_]*): `,
		`^(?:\S*/)?(?:ba|da|a)?sh: ([A-Z][A-Z0-9_]*): `,
		`([A-Z][A-Z0-9_]+)["'\x60]? (?:not found|not set|is not set|must be set|is required|is missing|environment variable|setting)`,
		`required key (\S+)`, `placeholder '([^']+)`, `VM option '[+-]?([^']+)`,
		`(?:configuration file|directive|directory) "([^"]+)`, `Config '([^']+)`,
		`([a-zA-Z_]\w*(?:\.\w+)*) +[Ff]ield required`, `for \w+ (\S+) `, `upstream "([^"]+)`,
		`No such option:? '?(--?[\w-]+)`, `(?:flag|argument|option)s?:? '?(--?[\w-]+)`}},
	{[]string{fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses}, []string{
		`\('(` + host + `)', (\d+)\)`, `host='([^']+)', port=(\d+)`, `[Cc]onnecting to (` + host + `|\[?::1\]?):(\d+)`,
		`server at "([^"]+)"(?: \([^)]*\))?, port (\d+)`, `//(?:[^@/ ]*@)?(` + host + `):(\d+)`,
		`//(?:[^@/" ]*@)?(` + host + `)`,
		`dial (?:tcp|udp)\d? (` + host + `|\[[^\]]+\]):(\d+)`, `lookup (` + host + `)`, `(?:ENOTFOUND|EAI_AGAIN) (` + host +
			`)`, `(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH) (` + host + `|::1):(\d+)`, `ost name "([^"]+)"`,
		`upstream "([^"]+)"`,
		`MySQL server (?:on|host) '([^']+)'`, `resolve (?:host|proxy):? '?(` + host + `)`, `getaddrinfo for (` + host + `)`,
		"server at `(" + host + ")`:`(\\d+)`", `[Uu]nknown[Hh]ost[Ee]xception:? (` + host + `)`, `\((` + host +
			`)/[\d.]+:(\d+)\)`, `(` + host + `)/[\d.]+:(\d+)`, `connect to (` + host + `):(\d+)`,
		`connect to (?:MySQL server on )?'?(` + host + `)'? port (\d+)`, `\b(` + named + `):(\d{2,5})\b`,
		`for user ["']([^"']+)`, `FATAL: +(?:database|role) "([^"]+)`, `Unknown database '([^']+)`}},
	{[]string{fact.ChildrenDie}, []string{
		`(?:exited|gave up|spawnerr): (\S+)`, `unable to start service (\S+?):`, `child pid (\d+)`,
		`(?:worker process|worker|Worker with PID|process|child) #?(\d+)`, `\(PID (\d+)\)`, `\(pid:? (\d+)\)`,
		`^(\S+) exited with code`}},
	{[]string{fact.JavaException}, []string{`thread "([^"]+)"`, `thread \[([^\]]+)\]`}},
}

// maxObject bounds what is taken for a name.
const maxObject = 120

// object returns what the sighting is about: "redis:6379", "/data/app.db", "DATABASE_URL"; "" where no text says.
func (g *sighting) object() string {
	if g.sig.Other == "" {
		return ""
	}
	patterns := objectPatterns()[g.sig.Other]
	if len(patterns) == 0 {
		return ""
	}
	for _, text := range g.texts() {
		if found := firstGroup(patterns, text); found != "" {
			return found
		}
	}
	return ""
}

// texts are where the object may stand: the effective exception first, then the rest of its chain, then the line.
func (g *sighting) texts() []string {
	var texts []string
	if g.exc != nil {
		texts = append(texts, g.exc.Type+": "+g.exc.Message)
		texts = append(texts, g.exc.Chain...)
	}
	return append(texts, g.excerpt)
}

func firstGroup(patterns []func() *regexp.Regexp, text string) string {
	for _, p := range patterns {
		m := p().FindStringSubmatch(text)
		if m == nil || m[1] == "" {
			continue
		}
		parts := slices.DeleteFunc(m[1:], func(s string) bool { return s == "" })
		found := strings.Join(parts, ":")
		return excerpt.Of(strings.Trim(found, " '\"`’‘,;"), maxObject)
	}
	return ""
}
