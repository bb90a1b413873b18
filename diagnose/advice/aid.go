package advice

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/inquest"
	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/kernellog"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// The first aid: what stops the bleeding. A command is given only where it can help: nothing starts what a removal
// took, what a restart policy starts anyway, or what would fail again at once.

var (
	start   = draft{when: Now, title: "Start it again", command: "{cli} start {name}"}
	restart = draft{when: Now, title: "Restart it: what is stuck or dead in it does not come back by itself",
		command: "{cli} restart {name}",
		detail:  "The restart takes what its processes and memory still tell with it: `gwdoctor capture` keeps that."}
)

// down tells whether the container does not run, exists, and nothing brings it back.
func down(c inquest.Case) bool {
	if c.Death.State != fact.StateExited || c.Spec == nil || c.Spec.AutoRemove {
		return false
	}
	return c.Death.Request == nil
}

// steadyLife is how long a life must have lasted for its end to be no failed start: what fails at its start does so
// again.
const steadyLife = time.Minute

// oneOff proposes to start again what ran well for a while. Full disks, missing files and lost dependencies stay as
// they are.
func oneOff(c inquest.Case, reason string) []draft {
	switch reason {
	case fact.FileSystemFull, fact.PortTaken, fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses,
		fact.DataDamaged,
		fact.PermissionDenied, fact.ReadOnlyFileSystem, fact.SettingMissing, fact.SettingRefused, fact.HostSetting,
		fact.NotInForeground:
		return nil
	}
	l := c.Life
	if !down(c) || l == nil || l.End == nil || l.Start.IsZero() || l.End.Sub(l.Start) < steadyLife {
		return nil
	}
	return []draft{start}
}

// stuck proposes a restart of what lives and does not do its work.
func stuck(c inquest.Case) []draft {
	if len(c.Stuck) > 0 {
		return nil // it goes on when what it waits for does
	}
	if !c.Alive() || c.Restarted || c.Death.State != fact.StateRunning {
		return nil
	}
	return []draft{restart}
}

// dependencyReasons are those that a neighbour which does not run brings about.
var dependencyReasons = []string{fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses,
	fact.HealthcheckTimeout, fact.HealthcheckFailure, fact.StartupFailure}

// dependencyAid brings back what this container waits for.
func dependencyAid(c inquest.Case, reason string, f *servicelog.Finding) []draft {
	if !slices.Contains(dependencyReasons, reason) {
		return nil
	}
	if len(c.Stuck) > 0 {
		return slices.Concat(wake(c, c.Stuck[0]), waitLimit(c, reason, f))
	}
	n := brokenDependency(c, f)
	if n == nil || !safeWord(n.Name) {
		return nil
	}
	verb, state := "start", "does not run"
	if n.State == fact.StatePaused {
		verb, state = "unpause", "is paused"
	}
	return []draft{{when: Now, title: fmt.Sprintf("Bring %s back, which %s", n.Name, state), command: "{cli} " + verb +
		" " + n.Name + after(c)}}
}

// after starts the container itself again, behind what it lacked.
func after(c inquest.Case) string {
	if down(c) {
		return " && {cli} start {name}"
	}
	return ""
}

// backIntoNetwork puts it where it was made for; in a project others know it by its service.
func backIntoNetwork(c inquest.Case, _ *servicelog.Finding) []draft {
	if c.Status == nil || !safeWord(c.Status.NoNetwork) {
		return nil
	}
	as := ""
	if c.Spec != nil && c.Spec.Project != "" && safeWord(c.Spec.Service) {
		as = "--alias " + c.Spec.Service + " "
	}
	return []draft{{when: Now, title: "Put it back into its network",
		command: "{cli} network connect " + as + c.Status.NoNetwork + " {name}" + after(c),
		detail:  "If the engine knows no network of that name any more, make it again first: network create."}}
}

// wake brings back a neighbour that does not answer.
func wake(c inquest.Case, d inquest.Dependency) []draft {
	if !safeWord(d.Name) {
		return nil
	}
	if d.Silence == inquest.SilenceAlarm {
		return quiet(d)
	}
	if d.Wait != nil && d.Name == d.Wait.Address { // no container of this engine
		return []draft{{when: Now, title: "Look why " + d.Name + " does not answer"}}
	}
	title, verb, detail := "Bring %s back, which does not run", "start", ""
	switch d.Silence {
	case inquest.SilencePaused:
		title, verb = "Let %s go on, which is paused", "unpause"
	case inquest.SilenceHalted:
		title, verb = "Let %s go on, which a signal stopped", "kill --signal CONT"
	case inquest.SilenceUnread:
		title, verb = "Restart %s, which does not read what it is sent", "restart"
		detail = "Look at what it does first (its log, `{cli} top " + d.Name + "`): the restart takes that with it."
	case inquest.SilenceCut:
		return []draft{{when: Now, title: "Find what keeps packets from " + d.Called() + ": a firewall's rule, a network " +
			"that it was detached from, a host that is gone"}}
	case inquest.SilenceMute:
		title, verb = "Restart %s, which does not answer", "restart"
		detail = "Look at what it does first (its log, `{cli} top " + d.Name + "`): the restart takes that with it."
	}
	return []draft{{when: Now, title: fmt.Sprintf(title, d.Called()), command: "{cli} " + verb + " " + d.Name + after(c),
		detail: detail}}
}

// quiet ends a broker's alarm: it takes publishers again by itself, once there is room.
func quiet(d inquest.Dependency) []draft {
	room := map[string]string{"memory": "memory", "disk": "disk space", "file descriptor": "file descriptors"}[d.Alarm]
	return []draft{{when: Now, title: "Give " + d.Called() + " room: its " + d.Alarm + " alarm blocks who publishes",
		command: "{cli} exec " + d.Name + " rabbitmqctl list_connections name state",
		detail: "Those in the state `blocked` wait. More " + cmp.Or(room, "of what it lacks") + ", or queues that are " +
			"consumed or purged, end the alarm; a restart of the publisher does not."},
		{when: Then, title: "Give the publisher an end, and let it hear that it is blocked",
			detail: "A publish without a time limit waits as long as the alarm lasts. Clients that ask for " +
				"connection.blocked are told: pika's blocked_connection_timeout, aio_pika's publish(timeout=…)."}}
}

// brokenDependency is the neighbour that the finding names, or that the compose file says is needed, where it does not
// serve; nil = none. A needed one that ended with success may have been meant to: a migration.
func brokenDependency(c inquest.Case, f *servicelog.Finding) *evidence.Neighbour {
	host := hostOf(c, f)
	for i, n := range c.Neighbours {
		named := n.Is(host)
		needed := host == "" && c.Spec != nil && slices.Contains(c.Spec.DependsOn, n.Service)
		ended := n.State == fact.StateExited || n.State == "dead" || n.State == "created"
		failed := ended && (n.ExitCode == nil || *n.ExitCode != 0)
		if n.State == fact.StatePaused && (named || needed) || ended && named || failed && needed {
			return &c.Neighbours[i]
		}
	}
	return nil
}

// hostOf is the dependency that the log names: by the finding itself, or by any other of a dependency in this life.
func hostOf(c inquest.Case, f *servicelog.Finding) string {
	list := slices.Concat(c.OtherFindings(fact.DependencyDown), c.OtherFindings(fact.DependencyLost))
	if f != nil {
		list = append([]servicelog.Finding{*f}, list...)
	}
	for _, d := range list {
		ofDependency := slices.Contains([]string{fact.DependencyDown, fact.DependencyLost, fact.DependencyRefuses},
			d.Other)
		if !ofDependency && d.Object != "" {
			continue
		}
		if host, _, _ := strings.Cut(objectOf(&d), ":"); host != "" {
			return host
		}
	}
	return ""
}

// awaitedAdvice is for a service of which all that is known is that it said last that it waits for a dependency.
func awaitedAdvice(c inquest.Case) []draft {
	f := c.Awaits()
	if f == nil {
		return nil
	}
	return []draft{{when: Now, title: "Check that " + literal(f.Object) + " is up, has that name and can be reached " +
		"from this container's network",
		detail: "It said last that it waits for it; whether it got through since, it did not say."}}
}

// startPeriodAdvice is for a service that may still be on its way: its check fails, and its start period is not over.
func startPeriodAdvice(c inquest.Case) []draft {
	if !c.Alive() || c.Streak == 0 || c.Early < c.Streak || c.Spec == nil || !c.Spec.Probed() {
		return nil
	}
	period := words.Duration(c.Spec.Healthcheck.WithDefaults().StartPeriod)
	return []draft{{when: Now, title: "Look again once its start period (" + period + ") is over: no failure of its " +
		"health check counts before", command: "gwdoctor health {name}",
		detail: "If it should be ready by now, this asks its check and shows what it is answered."}}
}

// ownLog is for what tells the runtime nothing and a file of its own everything.
var ownLog = draft{when: Now, title: "Read {ownlog}: it keeps a log of its own in there, beside what it prints",
	command: "{cli} cp {name}:{ownlog} .", detail: "The file goes with the container: copy it before that is removed."}

// memoryInDoubt is for an end of which nobody can tell whether a kill for lack of memory before it was why: more memory
// takes the kill away, and the next end tells the rest.
func memoryInDoubt(c inquest.Case) []draft {
	k := lastKill(c)
	if k == nil || !down(c) || c.Death.Request != nil || c.IsBeside(*k) || slices.Contains(outside, k.Scope) ||
		c.Death.At == nil || k.At == nil || c.Death.At.Sub(*k.At) > time.Minute {
		return nil
	}
	list := oomAdvice(c, nil)
	for i := range list {
		if list[i].when == Now {
			list[i].detail = "Whether that kill led to the end is not known. " + list[i].detail
		}
	}
	return list
}

// oomAdvice raises the container's own limit where that is what was hit, and as long as nobody has raised it since.
func oomAdvice(c inquest.Case, _ *servicelog.Finding) []draft {
	k := lastKill(c)
	if k == nil && c.Daemon != nil {
		return append(revive(c), shielded(*c.Daemon))
	}
	if c.Spec == nil || c.Spec.Memory <= 0 || k != nil && slices.Contains(outside, k.Scope) {
		return slices.Concat(revive(c), hostMemory(c, k))
	}
	limit := c.MemoryLimit()
	if limit == 0 {
		return revive(c) // it was changed since, and nobody says what it was
	}
	heap, option := askedHeap(c)
	room, swap := max(needed(c.Spec.Memory, k), heap+heap/4), "" // a quarter is for what is not heap
	if room <= c.Spec.Memory {
		return revive(c) // the limit was raised since
	}
	switch s := c.Spec.MemorySwap; {
	case s < 0:
		swap = "-1"
	case s == 0:
		swap = megabytes(2 * room) // the runtime's default
	default:
		swap = megabytes(room + max(s-c.Spec.Memory, 0))
	}
	now := draft{
		when: Now, title: "Give it more memory than the " + words.Size(limit) + " that it reached", detail: largest(k),
		command: fmt.Sprintf("{cli} update --memory %s --memory-swap %s {name}", megabytes(room), swap),
	}
	if down(c) {
		now.command += " && {cli} start {name}"
	} else if c.LostTask != nil || c.Alive() && c.LogHas("process-pool-broken") != nil {
		now.command += " && {cli} restart {name}" // what waits for the dead worker's result waits for ever
	}
	then := draft{
		when: Then, title: "Raise the limit where it is written, or find what grows", language: "yaml",
		detail:  "A limit helps only what needs more by nature; a leak reaches every limit." + workersShare(c),
		snippet: "services:\n  {service}:\n    mem_limit: " + megabytes(room) + "\n",
		run:     "--memory " + megabytes(room),
	}
	if heap > c.Spec.Memory*9/10 {
		return []draft{now, {when: Then, title: "Let it ask for less than it may have: " + option + " is not below " +
			"the limit of " +
			words.Size(limit), detail: "Three quarters of the limit are {heap} MiB; the rest is for stacks, code and " +
			"buffers."}, then}
	}
	if k != nil && k.Memory.MostlyShared() {
		return []draft{now, sharedMemory(c, *k.Memory.Shmem), then}
	}
	return []draft{now, then}
}

// heapOptions are how programs are told how much memory to use, by what the option is called on the command line or in
// JAVA_TOOL_OPTIONS and NODE_OPTIONS as the log repeats them.
var heapOptions = lazyregexp.New(`(-Xmx|--max-old-space-size=|--maxmemory )(\d{1,9})([kKmMgG]?)`)

// askedHeap is how much memory the program was told to use, in bytes, and by which option; 0 = it was not told.
func askedHeap(c inquest.Case) (size int64, option string) {
	for _, m := range heapOptions().FindAllStringSubmatch(commandLine(c), -1) {
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			continue
		}
		switch {
		case strings.EqualFold(m[3], "k"):
			n <<= 10
		case strings.EqualFold(m[3], "g"):
			n <<= 30
		case m[3] != "" || m[1] == "--max-old-space-size=": // V8 counts in MiB
			n <<= 20
		}
		size, option = n, strings.TrimSpace(m[0])
	}
	return size, option
}

// sharedMemory bounds what lies in memory as files: no process of the table holds it, so a search for a leak in one
// finds nothing, and it stays when one is killed.
func sharedMemory(c inquest.Case, size int64) draft {
	places := "/dev/shm"
	if list := tmpfsMounts(c.Spec); len(list) > 0 {
		places = strings.Join(list, ", ") + " or /dev/shm"
	}
	return draft{
		when:  Then,
		title: "Bound what is written to " + places + ": " + words.Size(size) + " of it filled the limit",
		detail: "Files in a tmpfs and shared memory count for the container, not for a process. Give the tmpfs a size " +
			"below the limit (`size=`, `shm_size:`), or write to a volume.",
	}
}

// shielded says what to do about a daemon that killed it for lack of memory: no limit of the container was reached.
func shielded(d inquest.DaemonKill) draft {
	how := "it kills what its own options tell it to"
	switch {
	case strings.HasPrefix(d.Summary, "systemd-oomd"):
		how = "oomctl shows what it watches; ManagedOOMPreference=avoid in the unit of a slice has it choose others first"
	case strings.HasPrefix(d.Summary, "earlyoom"):
		how = "its options --avoid and --prefer choose by command, -m and -s say from when on"
	}
	return draft{when: Then, title: "Limit what took the host's memory, or give the host more",
		detail: "No limit of this container was reached: " + d.Summary + "; " + how + ". A memory limit for each container " +
			"has the one die that grows."}
}

// outside are the limits that are not the container's own.
var outside = []kernellog.Scope{kernellog.ScopeHost, kernellog.ScopeOuterLimit, kernellog.ScopeCpuset,
	kernellog.ScopeMempolicy}

// workersShare says who else the limit is for.
func workersShare(c inquest.Case) string {
	if c.Spec == nil || !slices.ContainsFunc(c.Spec.Command,
		func(w string) bool { return strings.Contains(w, "--workers") || w == "-w" }) {
		return ""
	}
	return " All its workers share it: fewer of them need less."
}

func megabytes(n int64) string { return strconv.FormatInt((n+1<<20-1)>>20, 10) + "m" }

// revive starts what a kill ended.
func revive(c inquest.Case) []draft {
	if down(c) {
		return []draft{start}
	}
	return nil
}

func hostMemory(c inquest.Case, k *kernellog.Kill) []draft {
	switch {
	case k != nil && k.Scope == kernellog.ScopeOuterLimit:
		return []draft{{when: Then, title: "Raise the limit of the group around it, or move something out of that " +
			"group", detail: largest(k)}}
	case k != nil && slices.Contains(outside, k.Scope):
		return []draft{{when: Then, title: "Limit what took the host's memory, or give the host more",
			detail: "It was the host that ran out, so no limit of this container was reached. " + largest(k)}}
	case c.Spec == nil:
		return nil
	}
	return []draft{{when: Then, title: "Give every container of this host a memory limit",
		detail: "This one has none: whoever grows takes memory from all, and the kernel chooses who dies. " +
			largest(k)}}
}

func lastKill(c inquest.Case) *kernellog.Kill {
	switch {
	case c.KillAtEnd != nil:
		return c.KillAtEnd
	case c.Nameless != nil:
		return &c.Nameless.Kill
	case len(c.Kills) > 0:
		return &c.Kills[len(c.Kills)-1]
	}
	return nil
}

// needed is twice the limit, or half as much again as the kernel saw in use, or a quarter more than what had been asked
// for, whichever is the most. A limit that is already higher than the one that was hit was raised since, and stays.
func needed(limit int64, k *kernellog.Kill) int64 {
	room := 2 * limit
	if k == nil {
		return room
	}
	hit := limit
	if k.Memory != nil && k.Memory.Limit != nil && *k.Memory.Limit > 0 {
		if hit = *k.Memory.Limit; hit < limit*9/10 {
			room = limit
		} else {
			room = 2 * hit
		}
	}
	if k.Memory != nil && k.Memory.Usage != nil && *k.Memory.Usage < 1<<50 {
		room = max(room, *k.Memory.Usage*3/2)
	}
	asked := askedFor(hit, k)
	return max(room, asked+asked/4)
}

// reserves is how many times its limit a process may have of address space that still tells of memory that it asked
// for: a JVM, V8 and Go reserve many times of what they use.
const reserves = 4

// askedFor is the killed process's address space with what the others held; 0 = not known. What a process holds when it
// is killed is what the limit let it have: a worker that fills 150 MiB dies at 64 MiB with no more than those.
func askedFor(limit int64, k *kernellog.Kill) int64 {
	if k.Victim.TotalVM == nil || *k.Victim.TotalVM > reserves*limit {
		return 0
	}
	asked := *k.Victim.TotalVM
	for _, t := range k.Tasks {
		if t.PID != k.PID && t.RSS != nil {
			asked += *t.RSS
		}
	}
	return asked
}

// largest names the processes that held the most when the kernel looked.
func largest(k *kernellog.Kill) string {
	if k == nil || len(k.Tasks) == 0 {
		return ""
	}
	var list []string
	for _, t := range k.Tasks[:min(len(k.Tasks), 3)] {
		if t.RSS != nil {
			list = append(list, fmt.Sprintf("%s (pid %d) %s", t.Comm, t.PID, words.Size(*t.RSS)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "The kernel counted, largest first: " + strings.Join(list, ", ") + "."
}
