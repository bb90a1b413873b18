package advice

import (
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// notStarted is for what the engine itself could not do for a container. Its own words name the thing ([engineSaid]).
var notStarted = []draft{
	readStart,
	{when: Then, title: "Run it as a number, or add the user {nouser} to the image", language: "dockerfile",
		snippet: "RUN useradd --system {nouser}\n", detail: "A number needs no line in /etc/passwd."},
	{when: Then, title: "Plug in {device}, or take it out of the container's devices", detail: "The host has none now."},
	{when: Now, title: "Start container {joinedname} first: this one shares its namespace",
		command: "{cli} start {joinedname} && {cli} start {name}"},
	{when: Then, title: "Let {joinedname} outlive what shares its namespace, with a restart policy of its own",
		detail: "What shares it belongs to that very container, not to its name: it is to be made anew whenever that " +
			"one was."},
	{when: Now, title: "Restart the engine: it has lost its own bridge {nobridge}, and makes it again as it starts",
		command: "sudo systemctl restart docker", detail: "That ends every container that no live-restore keeps. " +
			"Something on the host takes the bridge away: another engine, a firewall's reload, a script."},
	{when: Now, title: "Start what takes the logs at {collector}: the engine starts nothing whose log it cannot send",
		command: "ss -lnt"},
	{when: Then, title: "Log to the engine's own driver, not straight to {collector}, and ship from there",
		language: "yaml", detail: "A collector that is away then keeps nothing from its start; fluentd-async does it, too.",
		snippet: "services:\n  {service}:\n    logging:\n      driver: local\n", run: "--log-driver local"},
	{when: Then, title: "Make it anew in a network that there is: {nonetwork} was removed",
		detail: "A container keeps its networks by their ids. `{cli} compose up -d --force-recreate` does both; by hand: " +
			"network create, then rm and run."},
	{when: Then, title: "Install the driver and the container toolkit of the host's GPU, and restart the engine; or ask " +
		"for no {nogpu}"},
	{when: Then, title: "Let its user enter {cwd}, or give it another working directory", language: "dockerfile",
		snippet: "RUN chmod a+rx {cwd}\n", detail: "Every folder on the way there counts, too."},
	{when: Then, title: "Mount a folder on a folder, a file on a file: of {source} on the host and {destination} in the " +
		"image one is a folder", detail: "Where the host lacks what -v names, the engine makes a folder of that name: " +
		"remove it, and put the file there."},
	{when: Then, title: "Give it more memory than {initlimit}: not even its start fits",
		detail: "The runtime itself needs some megabytes in the container's group until the program runs."},
	{when: Then, title: "Correct the sysctl {sysctl}, or leave it out", detail: "The kernel refuses that value."},
}

// readStart is for what has never run, where the runtime keeps no word of a start that it refused.
var readStart = draft{when: Now, title: "Start it, and read what that prints: it is kept nowhere",
	command: "{cli} start {unsaid}"}

// engineSaid are values that the engine's own error names; near each stands a text that it holds, as with [said].
var engineSaid = []saidValue{
	{"joinedname", "non running container", lazyregexp.New(`non running container: ([\w.-]+)`)},
	{"joinedname", "namespace of", lazyregexp.New(`(?i)namespace of a non running container: container /?([\w.-]+)`)},
	{"joinedname", "is not running", lazyregexp.New(`container ([0-9a-f]{64}) is not running`)},
	{"nobridge", "could not find bridge", lazyregexp.New(`could not find bridge ([\w.-]+)`)},
	{"collector", "logging driver", lazyregexp.New(`initialize logging driver: .*dial \w+ ([\w.:\[\]-]+?): `)},
	{"nonetwork", "network ", lazyregexp.New(`^network ([\w.-]+) not found`)},
	{"nogpu", "could not select device driver", lazyregexp.New(`with capabilities: \[\[(\w+)`)},
	{"cwd", "chdir to cwd", lazyregexp.New(`chdir to cwd \("(/[^"]*)"\).*permission denied`)},
	{"source", "directory onto a file", lazyregexp.New(`mounting "([^"]+)" to rootfs at`)},
	{"destination", "directory onto a file", lazyregexp.New(`to rootfs at "([^"]+)"`)},
	{"innermount", "read-only file system", lazyregexp.New(`to rootfs at "([^"]+)": (?:mkdir|create mountpoint)`)},
	{"sysctl", "/proc/sys/", lazyregexp.New(`/proc/sys/([\w./]+)`)},
	{"sysctl", "sysctl", lazyregexp.New(`sysctl key "?([\w.]+)`)},
}

// refusalValues fill in what the engine could not do.
func refusalValues(v map[string]string, c inquest.Case) {
	text := c.Refused()
	if s := c.Status; text == "" && (s.StartTried != nil || s.StartUntold) {
		v["unsaid"] = v["name"]
	}
	take(v, engineSaid, text)
	if v["initlimit"] == "" && oomKilledInit().MatchString(text) {
		v["initlimit"] = v["limit"]
	}
	if id := v["joinedname"]; len(id) == 64 {
		v["joinedname"] = nameOf(c, id)
	}
	if id := v["nonetwork"]; len(id) == 64 {
		v["nonetwork"] = id[:12]
	}
}

var oomKilledInit = lazyregexp.New(`container init was OOM-killed`)

// nameOf is what a container is called whose id is known.
func nameOf(c inquest.Case, id string) string {
	for _, n := range c.Neighbours {
		if n.ID == id {
			return n.Name
		}
	}
	return id[:12]
}
