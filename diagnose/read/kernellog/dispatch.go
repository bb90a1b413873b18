package kernellog

// class is what a message looks like from its first word or, where the first word
// is a process name, from an anchor near its start. It is a promise to look
// closer, no more: every parser checks the whole shape.
type class uint8

const (
	noClass class = iota
	// Out of memory.
	oomInvoked    // X invoked oom-killer: gfp_mask=
	oomCPU        // CPU: 0 PID: 143 Comm: X
	oomCpuset     // X cpuset=LEAF mems_allowed=0
	oomTask       // Task in A killed as a result of limit of B
	oomUsage      // memory: usage …
	oomSwap       // swap: usage …
	oomKmem       // kmem: usage …
	oomStats      // Memory cgroup stats for P:
	oomTable      // [ pid ]   uid  tgid …
	oomConstraint // oom-kill:constraint=
	oomKilled     // … Killed process 12 (x) … and the candidates of old kernels
	oomGroup      // Tasks in P are going to be killed
	oomNobody     // no victim, or one that was dying already
	suppressed    // X: 6 callbacks suppressed
	lost          // records are missing here
	// Crashes.
	crashFault    // X[12]: segfault at
	crashTrap     // traps: X[12] …
	crashSignal   // potentially unexpected fatal signal 6.
	crashForeign  // the fault lines of other architectures
	crashAudit    // audit: type=1701, 1326
	crashVsyscall // X[12] vsyscall attempted with vsyscall=none
	// The rest.
	troubleForks
	troubleLine
	troubleUnit // a user space program's line, known by its name
	bootStart   // Linux version …
	cpuModel    // what the machine's CPU is
)

// prefixes are the first words, by first byte. The order within a byte matters
// only where one is the beginning of another.
var prefixes = [256][]struct {
	text  string
	class class
}{
	'\t': nil,
	'A':  {{"ANOM_ABEND ", crashAudit}, {"Aborting journal on device ", troubleLine}, {"Aborting core", troubleLine}},
	'B': {{"BTRFS: error", troubleLine}, {"BTRFS error", troubleLine}, {"BTRFS critical", troubleLine},
		{"Buffer I/O error", troubleLine}, {"BUG: ", troubleLine}},
	'C': {{"CPU: ", oomCPU}, {"CIFS", troubleLine}, {"Core dump to ", troubleLine},
		{"CPU Watchdog Timeout", troubleLine}},
	'E': {{"EXT4-fs error", troubleLine}, {"EXT4-fs (", troubleLine}},
	'I': {{"Internal error: ", troubleLine}, {"INFO: task ", troubleLine}, {"INFO: rcu", troubleLine},
		{"I/O error, dev ", troubleLine}},
	'J': {{"JBD2: ", troubleLine}},
	'K': {{"Killed process ", oomKilled}, {"Kernel bug detected[#", troubleLine}, {"Kernel panic", troubleLine}},
	'L': {{"Linux version ", bootStart}},
	'M': {{"Memory cgroup out of memory: ", oomKilled}, {"Memory cgroup stats for", oomStats},
		{"Memory limit reached of cgroup ", oomTask}, {"Memory failure: ", troubleLine},
		{"MCE: Killing ", troubleLine}, {"Missed ", lost}},
	'N': {{"NFS: ", troubleLine}, {"NMI watchdog: ", troubleLine}, {"No available memory", oomKilled},
		{"NVRM: Xid", troubleLine}},
	'O': {{"Oops: ", troubleLine}, {"Oops - ", troubleLine}, {"Oops [#", troubleLine},
		{"Oops[#", troubleLine}, {"Out of memory and no killable", oomNobody},
		{"Out of memory", oomKilled}, {"Out of Memory: ", oomKilled}},
	'P': {{"Pid ", troubleLine}, {"Process ", troubleLine}},
	'S': {{"SLUB: Unable ", troubleLine}, {"SLAB: Unable ", troubleLine},
		{"SECCOMP ", crashAudit}, {"Skipping core dump", troubleLine}},
	'T': {{"Task in", oomTask}, {"Tasks in", oomGroup}},
	'U': {{"Unable to handle kernel ", troubleLine}, {"User process fault: ", crashForeign}},
	'x': {{"x86/fpu: Supporting XSAVE feature ", cpuModel}},
	'X': {{"XFS (", troubleLine}},
	'[': {{"[ pid ]", oomTable}, {"[  pid  ]", oomTable}, {"[talos] Sending SIGKILL to cgroup", troubleLine}},
	'*': {{"** ", lost}},
	'a': {{"audit: type=1701 ", crashAudit}, {"audit: type=1326 ", crashAudit}},
	'b': {{"blk_update_request: ", troubleLine}},
	'c': {{"ceph: ", troubleLine}, {"cgroup: fork rejected by pids controller in", troubleForks},
		{"coredump: ", troubleLine}, {"critical space allocation error", troubleLine},
		{"critical medium error", troubleLine}, {"critical target error", troubleLine}},
	'd': {{"divide error: ", troubleLine}, {"double fault: ", troubleLine}, {"device-mapper: thin: ", troubleLine},
		{"dump_header: ", suppressed}},
	'g': {{"general protection fault", troubleLine}},
	'i': {{"invalid opcode: ", troubleLine}},
	'n': {{"nfs: server ", troubleLine}},
	'v': {{"vmalloc: allocation ", troubleLine}, {"vmap allocation ", troubleLine}},
	'k': {{"kernel BUG at ", troubleLine}, {"kmem: usage ", oomKmem}},
	'l': {{"libceph: ", troubleLine}, {"lockd: server ", troubleLine},
		{"lowmemorykiller: ", troubleLine}, {"loop: Write error", troubleLine}},
	'm': {{"memory: usage ", oomUsage}},
	'o': {{"oom-kill:constraint=", oomConstraint}, {"oom_kill_process: ", suppressed},
		{"out_of_memory: ", suppressed}, {"oom_reaper: unable", troubleLine}, {"oomd kill: ", troubleLine}},
	'p': {{"potentially unexpected fatal signal ", crashSignal}, {"print_req_error: ", troubleLine}},
	'r': {{"rcu: INFO: ", troubleLine}},
	'e': {{"earlyoom[", troubleUnit}},
	's': {{"systemd-oomd[", troubleUnit}, {"systemd-coredump[", troubleUnit}, {"stack segment: ", troubleLine},
		{"smpboot: CPU0: ", cpuModel}, {"swap: usage ", oomSwap}, {"show_signal", suppressed}},
	't': {{"traps: ", crashTrap}, {"type=ANOM_ABEND msg=audit(", crashAudit}, {"type=SECCOMP msg=audit(", crashAudit}},
	'w': {{"watchdog: Watchdog ", troubleLine}, {"watchdog: BUG: soft lockup", troubleLine}},
	'_': {{"__vm_enough_memory: ", troubleLine}},
}

// faultTail begins the mapping of a fault where it came as a record of its own.
const faultTail = " in "

// classify returns the class of a message, escaped or not.
func classify(msg []byte, esc escaping) class {
	if len(msg) < 7 {
		return noClass
	}
	if c := prefixClass(msg); c != noClass {
		return c
	}
	return classifyAnchor(msg, esc)
}

func prefixClass(msg []byte) class {
	for _, p := range prefixes[msg[0]] {
		// Most words differ in their second letter already.
		if len(msg) >= len(p.text) && msg[1] == p.text[1] && string(msg[:len(p.text)]) == p.text {
			return p.class
		}
	}
	return noClass
}
