package evidence

import (
	"slices"
	"strings"
	"unicode"
)

// MaxWords is how many words of a command are looked at for what they say of the program.
const MaxWords = 8

// OtherPrograms are main programs that are not written in Python, by their base names.
var OtherPrograms = []string{"node", "npm", "yarn", "java", "dotnet", "php", "php-fpm", "ruby", "nginx", "httpd",
	"apache2", "redis-server",
	"postgres", "mysqld", "mongod", "rabbitmq-server", "erl", "beam.smp", "haproxy", "caddy", "traefik", "envoy"}

// CommandFits tells whether a kernel comm (at most 15 bytes) can be a process of
// this container: exactly, the base name of a word of its command; or, where that
// command runs Python or is a shell, an interpreter.
func (s *Spec) CommandFits(comm string) (fits, exact bool) {
	if s == nil || comm == "" {
		return false, false
	}
	const commLen = 15 // TASK_COMM_LEN less its NUL
	interpreted := s.ShellPID1()
	for i, word := range s.Command {
		if i > MaxWords {
			break
		}
		for _, part := range strings.FieldsFunc(word, parts) { // shell form: sh -c "python app.py; sleep 1"
			base := Program(part)
			if base == comm || len(base) > commLen && base[:commLen] == comm {
				return true, true
			}
			interpreted = interpreted || Pythonic(base)
		}
	}
	return interpreted && Pythonic(comm), false
}

// Scripts tells whether the script of a shell that is the main process names a command, which is none of an
// interpreter or server that other containers run, too.
func (s *Spec) Scripts(comm string) bool {
	if s == nil || !s.ShellPID1() || Shared(comm) {
		return false
	}
	_, exact := s.CommandFits(comm)
	return exact
}

// Shared tells whether a program is an interpreter, a shell or a server that other containers of a machine are likely
// to run, too.
func Shared(comm string) bool {
	return Pythonic(comm) || slices.Contains(OtherPrograms, comm) ||
		slices.Contains([]string{"sh", "bash", "dash", "ash", "busybox", "perl"}, comm)
}

// parts tells what stands between the words of a shell's script.
func parts(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(";|&()`", r) }

// Pythonic tells whether a program is Python or one of its servers.
func Pythonic(name string) bool {
	for _, prefix := range []string{"python", "uvicorn", "gunicorn", "hypercorn", "celery", "fastapi"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Program is the base name of a command's path.
func Program(path string) string { return base(path) }

// logForms are the forms in which programs print that are known by their names (servicelog.FormOf).
var logForms = map[string]string{"redis-server": "redis", "postgres": "postgresql", "rabbitmq-server": "rabbitmq"}

// several are programs under which more than one server runs, and that pass all their lines on.
var several = []string{"supervisord", "s6-svscan", "runsvdir", "init", "systemd", "foreman", "honcho", "circusd", "pm2",
	"pm2-runtime", "multirun", "overmind"}

// LogForm is the form in which a container's program prints where it is a server that is known; "" = that is not known,
// or others run under it.
func (s *Spec) LogForm() string {
	if s == nil || s.ShellPID1() {
		return ""
	}
	for _, word := range s.Command[:min(len(s.Command), MaxWords)] {
		name := Program(word)
		switch {
		case slices.Contains(several, name):
			return ""
		case logForms[name] != "":
			return logForms[name]
		case Pythonic(name):
			return "python"
		case slices.Contains(OtherPrograms, name):
			return name
		}
	}
	return ""
}
