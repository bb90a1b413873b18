package advice

import (
	"regexp"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// permitted is for EPERM, "Operation not permitted". It is seldom a matter of a file's owner and mode (that is EACCES,
// "Permission denied"): the kernel asks for a capability, or a security profile forbids the call, root or not.
var permitted = []draft{
	{when: Then, title: "Give it the capability {capability}, or do without what needs it", language: "yaml",
		detail:  "{says} Owner and mode do not matter for that; a seccomp or AppArmor profile may forbid it as well.",
		snippet: "services:\n  {service}:\n    cap_add: [{capability}]\n", run: "--cap-add {capability}"},
	{when: Then, title: "Give it the capabilities {switch} and SETGID: without them it cannot change its user",
		language: "yaml", detail: "{says} Or start it as the user that it is to be, with `user:`.",
		snippet: "services:\n  {service}:\n    cap_add: [{switch}, SETGID]\n", run: "--cap-add {switch} --cap-add SETGID"},
	{when: Then, title: "Find what forbids it: {eperm} is no matter of a file's owner and mode",
		detail: "A capability that it lacks (cap_drop, a user that is not root), or a seccomp or AppArmor profile " +
			"(security_opt). `strace -f` shows the call; without the profile it works."},
}

// capabilities are what the kernel asks for, by the words of what was refused (capabilities(7)).
var capabilities = []struct {
	words func() *regexp.Regexp
	gap   string
	name  string
}{
	{lazyregexp.New(`\b(?:[lf]?chown|chgrp|changing (?:ownership|group))\b`), "capability", "CHOWN"},
	{lazyregexp.New(`\b(?:set(?:res)?[ug]id|setgroups|initgroups|failed switching)\b`), "switch", "SETUID"},
	{lazyregexp.New(`\b(?:iptables|RTNETLINK|TUNSETIFF|nf_tables)\b`), "capability", "NET_ADMIN"},
	{lazyregexp.New(`\bmlock(?:all)?\b`), "capability", "IPC_LOCK"},
	{lazyregexp.New(`\bmknod\b`), "capability", "MKNOD"},
	{lazyregexp.New(`\b(?:ptrace|PTRACE_\w+)\b`), "capability", "SYS_PTRACE"},
	{lazyregexp.New(`\b(?:clock_settime|settimeofday|cannot set date)\b`), "capability", "SYS_TIME"},
	{lazyregexp.New(`\b(?:setpriority|sched_set\w+)\b`), "capability", "SYS_NICE"},
}

// permittedValues tell what EPERM is about. A user that is not root has no capability, whatever is added.
func permittedValues(v map[string]string, text string) {
	if !strings.Contains(text, "peration not permitted") && !strings.Contains(text, "EPERM") {
		return
	}
	v["eperm"] = "Operation not permitted"
	for _, gap := range []string{"path", "layer", "mount", "folder"} {
		delete(v, gap)
	}
	for _, c := range capabilities {
		if v["user"] == "" && c.words().MatchString(text) {
			v[c.gap] = c.name
			delete(v, "eperm")
			return
		}
	}
}
