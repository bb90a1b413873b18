package coredump

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// What the kernel hands a core to. None: an empty pattern, or one that cannot be
// expanded.
const (
	HandlerFile   = "file"
	HandlerPipe   = "pipe"
	HandlerSocket = "socket"
	HandlerNone   = "none"
)

// Pattern is a core_pattern in parts.
type Pattern struct {
	Raw     string // as the kernel shows it, line end off
	Handler string // file, pipe, socket or none
	Program string // of a pipe: the helper on the host; of a socket: its path; else ""
	UsesPID bool   // kernel.core_uses_pid: ".PID" is put behind a file's name without %p

	name  *regexp.Regexp // the whole expanded name of a file pattern
	parts int            // components of that name
}

// maxPattern is the kernel's CORENAME_MAX_SIZE (fs/coredump.c): what is longer
// cannot be a core_pattern, and is cut as the kernel's sysctl cuts it.
const maxPattern = 128

// ParsePattern reads a core_pattern. usesPID is kernel.core_uses_pid.
func ParsePattern(corePattern string, usesPID bool) Pattern {
	raw := strings.TrimRight(corePattern, "\r\n\x00")
	if len(raw) >= maxPattern {
		raw = raw[:maxPattern-1]
	}
	p := Pattern{Raw: raw, UsesPID: usesPID}
	switch {
	case raw == "":
		p.Handler = HandlerNone
	case raw[0] == '|':
		p.Handler, p.Program = HandlerPipe, firstWord(raw[1:])
		if p.Program == "" { // "format_corename failed, aborting core"
			p.Handler = HandlerNone
		}
	case strings.HasPrefix(raw, "@/"), strings.HasPrefix(raw, "@@/"):
		p.Handler, p.Program = HandlerSocket, strings.TrimLeft(raw, "@")
	default:
		p.Handler = HandlerFile
		p.name, p.parts = compile(strings.TrimPrefix(raw, "./"), usesPID)
	}
	return p
}

// firstWord: pipe patterns are split at blanks before expansion (since 5.3),
// blanks before the program are skipped.
func firstWord(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return ""
	}
	return fields[0]
}

// specifiers are core(5)'s, each as the text that it can become. A slash in a
// name or path becomes "!", and so does an expansion that is empty, "." or "..".
var specifiers = map[byte]string{
	'%': `%`,
	'p': `\d{1,10}`, 'P': `\d{1,10}`, 'i': `\d{1,10}`, 'I': `\d{1,10}`,
	'u': `\d{1,10}`, 'g': `\d{1,10}`, 'd': `\d`, 's': `\d{1,2}`, 't': `\d{1,20}`, 'c': `\d{1,20}`, 'C': `\d{1,5}`,
	'h': `[^/]+`, 'e': `[^/]+`, 'f': `[^/]+`, 'E': `[^/]+`,
}

// compile turns a file pattern into the names that it can make, and counts their
// components. An unknown specifier ("%/" too) and a lone % at the end vanish, as
// in the kernel's format_corename.
func compile(raw string, usesPID bool) (re *regexp.Regexp, parts int) {
	var text strings.Builder
	text.WriteString(`^`)
	hasPID := false
	parts = 1
	for i := 0; i < len(raw); i++ {
		if raw[i] != '%' {
			r, size := utf8.DecodeRuneInString(raw[i:])
			text.WriteString(quote(r))
			if r == '/' {
				parts++
			}
			i += size - 1
			continue
		}
		i++
		if i < len(raw) {
			text.WriteString(specifiers[raw[i]])
			hasPID = hasPID || raw[i] == 'p'
		}
	}
	if usesPID && !hasPID {
		text.WriteString(`\.\d{1,10}`)
	}
	text.WriteString(`$`)
	return regexp.MustCompile(text.String()), parts
}

// quote makes one character of the pattern literal. A byte that is no UTF-8
// comes out of the engine's JSON as a replacement character, so any will do.
func quote(r rune) string {
	if r == utf8.RuneError {
		return `[^/]+`
	}
	return regexp.QuoteMeta(string(r))
}

// Relative tells whether cores of this pattern land in the crashed process's own
// working directory.
func (p Pattern) Relative() bool {
	return p.Handler == HandlerFile && !strings.HasPrefix(p.Raw, "/")
}

// Dir returns the directory in the container where a core of this pattern lands,
// given the crashed process's working directory. "" where there is none, where it
// is not known, or where the pattern makes it up from specifiers.
func (p Pattern) Dir(cwd string) string {
	if p.Handler != HandlerFile {
		return ""
	}
	dir := path.Dir(p.Raw)
	if strings.Contains(dir, "%") {
		return ""
	}
	if !p.Relative() {
		return dir
	}
	if cwd == "" {
		return ""
	}
	return path.Join("/", cwd, dir)
}

// maxPath is the kernel's PATH_MAX; a longer one is no path.
const maxPath = 4096

// Matches tells whether a path in the container's writable layer can be a core
// written with this pattern. A relative pattern is taken from cwd, the crashed
// process's working directory; where cwd is "" (not known) any directory will do.
func (p Pattern) Matches(file, cwd string) bool {
	if p.Handler != HandlerFile || p.name == nil || len(file) > maxPath || !strings.HasPrefix(file, "/") {
		return false
	}
	if !p.Relative() {
		return p.name.MatchString(path.Clean(file))
	}
	if cwd != "" {
		base := path.Join("/", cwd)
		rest, ok := strings.CutPrefix(path.Clean(file), strings.TrimSuffix(base, "/")+"/")
		return ok && p.name.MatchString(rest)
	}
	return p.name.MatchString(lastParts(path.Clean(file), p.parts))
}

// lastParts returns the last n components of a path.
func lastParts(file string, n int) string {
	parts := strings.Split(file, "/")
	return strings.Join(parts[max(len(parts)-n, 0):], "/")
}

// distinct tells whether the pattern's last component holds more than a bare
// word, so that a match far from the working directory still means something.
func (p Pattern) distinct() bool {
	last := p.Raw[strings.LastIndexByte(p.Raw, '/')+1:]
	return p.UsesPID || strings.Contains(last, "%p") || strings.Contains(last, "%P") || strings.Contains(last, "%t")
}
