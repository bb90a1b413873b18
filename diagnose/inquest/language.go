package inquest

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// otherLanguages are the named others that only a program of another language than Python prints.
var otherLanguages = []string{fact.V8Heap, fact.NodeException, fact.JVMHeap, fact.JVMFatal, fact.JVMStart,
	fact.JavaException, fact.GoPanic,
	fact.GoFatal, fact.GoDeadlock, fact.RustPanic, fact.DotnetException, fact.DotnetMemory, fact.PHPFatal,
	fact.RubyException}

// otherPrograms are main programs that are not written in Python, by their base names.
var otherPrograms = []string{"node", "npm", "yarn", "java", "dotnet", "php", "php-fpm", "ruby", "nginx", "httpd",
	"apache2", "redis-server",
	"postgres", "mysqld", "mongod", "rabbitmq-server", "erl", "beam.smp", "haproxy", "caddy", "traefik", "envoy"}

// Python tells whether the service may be a Python program: nothing that was seen says that it is of another language.
// Advice that names Python's own switches is of use only then.
func (c Case) Python() bool {
	if c.Spec != nil && len(c.Spec.Command) > 0 {
		if fits, _ := commandFits(c.Spec, "python3"); fits {
			return true
		}
	}
	if c.Log != nil && (c.Log.Lifecycle.Server != "") {
		return true
	}
	for _, id := range otherLanguages {
		if len(c.OtherFindings(id)) > 0 {
			return false
		}
	}
	return c.Spec == nil || len(c.Spec.Command) == 0 || !slices.Contains(otherPrograms, program(c.Spec.Command[0]))
}
