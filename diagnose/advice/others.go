package advice

import (
	"slices"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// environment is YAML for one environment variable of the service.
func environment(line string) string {
	return "services:\n  {service}:\n    environment:\n      " + line + "\n"
}

// trusted is for a client that does not know who signed a certificate.
var trusted = draft{when: Then, title: "Let it trust who signed that certificate: {trust}", language: "dockerfile",
	snippet: "COPY ca.crt /usr/local/share/ca-certificates/\nRUN update-ca-certificates\n",
	detail: "{says} Python's requests and httpx read REQUESTS_CA_BUNDLE and SSL_CERT_FILE, Node NODE_EXTRA_CA_CERTS, " +
		"a JVM " +
		"its own keystore (keytool -importcert)."}

// ofOther is the advice of each named other, as data. Entries that want what the case does not have are left out
// ([written]); a named other that stands in no entry has only the place in its stack, if that is known.
var ofOther = map[string][]draft{
	fact.UncaughtException: slices.Concat([]draft{trusted}, permitted),
	fact.FatalWords:        slices.Concat([]draft{trusted}, permitted),
	fact.NotStarted:        notStarted,
	fact.CommandMissing: {
		{when: Then, title: "Give the command as a list of words: {commandline}",
			detail: "It is looked for as one word, blanks and all."},
		{when: Then, title: "Put {object} into the image, or correct the command",
			detail: "It is looked for in the PATH of the image; a volume that is mounted over its folder hides it, " +
				"too.", otherwise: true}},
	fact.CommandNotExecutable: {{when: Then, title: "Make {object} executable", language: "dockerfile",
		snippet: "RUN chmod +x {object}\n",
		detail: "Of a file that is mounted the mode on the host counts; a mount with noexec forbids it whatever the " +
			"mode is. A folder cannot be started: then the command is to name the program in it."}},
	fact.InterpreterMissing: {{when: Then, title: "Install the interpreter that the first line of {object} names, " +
		"or change that line"}},
	fact.CRLFScript: {{when: Then, title: "Give {object} Unix line ends", language: "dockerfile",
		snippet: "RUN sed -i 's/\\r$//' {object}\n",
		detail:  "And `*.sh text eol=lf` in .gitattributes, so that they stay."}},
	fact.WrongArchitecture: {{when: Then, title: "Build or pull {object} for this host's CPU; a script needs a " +
		"first line with #!"}},
	fact.LibraryMissing: {{when: Then, title: "Put {object} into the image", detail: "{says}"}},
	fact.PortTaken: {
		{when: Now, title: "Start it again: nothing has port {freeport} any more", command: "{cli} start {name}"},
		{when: Now, title: "Stop container {portcontainer}, or publish another port than {heldport}",
			command: "{cli} stop {portcontainer}"},
		{when: Now, title: "Publish another port than {foreignport}, or stop container {foreigncontainer}: it is of " +
			"another project, so ask whose it is", command: "{cli} port {foreigncontainer}"},
		{when: Now, title: "Restart the engine: its docker-proxy was left behind on port {staleport}",
			command: "sudo systemctl restart docker", detail: "That ends every container that no live-restore keeps."},
		{when: Then, title: "Let it listen on another port than {sharedport}: container {sharer} in the same network " +
			"has that one"},
		{when: Now, title: "See which program of the host has port {unseenport}; stop it, or publish another port",
			command: "sudo ss -lntup sport = :{unseenport}"},
		{when: Now, title: "See what process {portprocess} of the host is; stop it, or publish another port",
			command: "ps -o pid,user,lstart,args -p {portprocess}"},
		{when: Now, title: "Find the container that publishes port {published}, and stop it or publish another port",
			command: "{docker} ps --filter publish={published}",
			detail:  "If it lists none, a program of the host itself has the port."},
		{when: Then, title: "Give every container a port of its own on the host: {hostport} is published by one only",
			detail: "Only one program of a host can have a port. What nobody outside needs is not published: within " +
				"a network containers reach each other by name."},
		{when: Then, title: "Let only one program take port {port}",
			detail: "Who has it is in the same network: a second worker, an earlier start that goes on, a container " +
				"with the same network mode, or with the host's network any program there."},
	},
	fact.PermissionDenied: slices.Concat(permitted, []draft{
		{when: Then, title: "Let it listen on a port from 1024 on: {lowport} is the superuser's", language: "yaml",
			detail:  "Or let anybody in this container have low ports.",
			snippet: "services:\n  {service}:\n    sysctls:\n      net.ipv4.ip_unprivileged_port_start: 0\n",
			run:     "--sysctl net.ipv4.ip_unprivileged_port_start=0"},
		{when: Then, title: "Let user {user} use {path}: it lies on the mount {mount}",
			detail: "The owner and mode in the volume, or in the host's folder, count, not those in the image. There: " +
				"chown -R {user}, or a mode that lets it."},
		{when: Then, title: "Let user {user} use {layer}", language: "dockerfile",
			snippet: "RUN chown -R {user} {layer}\n", detail: "{says}"},
		{when: Then, title: "Give {path} the owner that the service runs as", otherwise: true,
			detail: "It lies on the mount {mount}: the owner and mode in the volume, or in the host's folder, " +
				"count, not those in the image."},
		{when: Then, title: "Let the service's user use {layer}", detail: "{says}"},
	}),
	fact.FileSystemFull: {
		{when: Now, title: "Make room where it writes, {endedon}, before anybody starts it again", command: "{cli} system df",
			detail: "What is full stays full: a start alone ends the same way."},
		{when: Now, title: "See what fills {mount}, and delete it", command: "{cli} exec {alive} du -xh -d 2 {mount}"},
		{when: Now, title: "See what fills the container's own layer, and delete it",
			command: "{cli} exec {alive} du -xh -d 2 {folder}",
			detail:  "That layer lies on the engine's own disk, which images and logs fill too."},
		{when: Then, title: "Give {inodes} room for more files, or delete some: it has space left and no inodes",
			detail: "A tmpfs takes `nr_inodes=` among its options; another file system has the number it was made with."},
		{when: Then, title: "Make {tmpfs} larger, or write less to it",
			detail: "It is a tmpfs: what lies there is memory, and has a size and a number of files of its own (`size=` and " +
				"`nr_inodes=` in the options of tmpfs)."},
		{when: Then, title: "Enlarge the volume at {volume}, or delete there what is old in time"},
		{when: Then, title: "Write {layer} to a volume of its own, and delete there what is old in time"},
		{when: Then, title: "Make room where it writes: {writable} or its own layer is full",
			detail: "Its log does not name the file. A tmpfs has a size of its own (`size=` in its options); the layer lies " +
				"on the engine's disk, which images and logs fill too."},
	},
	fact.ReadOnlyFileSystem: {
		{when: Then, title: "Make {innermount} in what is mounted above it: that is read-only, and lacks the folder to " +
			"mount on", detail: "The engine makes a missing mount point itself where it may write."},
		{when: Then, title: "Write {file} below a mount of its own, such as {dataroot}: the root is read-only",
			detail: "A mount hides what the image has in its folder, so it must be one that holds nothing of the image. " +
				"A volume keeps the file beyond a restart.",
			snippet:  "services:\n  {service}:\n    volumes:\n      - data:{dataroot}\nvolumes:\n  data:\n",
			language: "yaml", run: "-v data:{dataroot}"},
		{when: Then, title: "Give it a place to write to at {scratchroot}: its root is read-only", language: "yaml",
			snippet: "services:\n  {service}:\n    tmpfs:\n      - {scratchroot}\n", run: "--tmpfs {scratchroot}"},
		{when: Then, title: "Mount {mount} writable", detail: "Where it is mounted so already, the file system " +
			"under it turned read-only after an error: see the host's kernel log."},
	},
	fact.SharedMemoryFull: {{when: Then, title: "Give it more shared memory than {shm}", language: "yaml",
		snippet: "services:\n  {service}:\n    shm_size: {shm2}\n", run: "--shm-size {shm2}"}},
	fact.SettingMissing: {
		{when: Then, title: "Set {variable}", language: "yaml", snippet: environment("{variable}: \"\"   # its value"),
			run: "-e {variable}=VALUE", detail: "{says}"},
		{when: Then, title: "Set {object}", detail: "{says}"},
	},
	fact.SettingRefused: {{when: Then, title: "Correct what is refused", detail: "{says}"}},
	fact.DependencyDown: {
		trusted,
		{when: Then, title: "Name the service, not {loopback}: in a container that is the container itself",
			detail: "{says}"},
		{when: Now, title: "Put {apart} into this container's network", command: "{cli} network connect {network} {apart}",
			detail: "It runs, and is in none of this container's networks: names are known within a network only. Give it its " +
				"service's name there with --alias, where that is the name that is asked for."},
		{when: Then, title: "List one network for both in their settings: {apart} is in none of this container's",
			detail: "{says}"},
		{when: Then, title: "See whom it asks for names: {unnamed} runs, both are in network {shared}, and its name does " +
			"not resolve", command: "{cli} exec {name} cat /etc/resolv.conf", detail: "The engine answers for it there: " +
			"Docker at 127.0.0.11, by rules of a firewall in the container, Podman's aardvark-dns at the network's gateway. " +
			"Where another stands there, that one is asked; else the engine's does not answer: restart the container, and " +
			"where that does not help, the engine."},
		{when: Then, title: "Start after {neighbour} is healthy, and try again while it is away", language: "yaml",
			detail:  "It needs a health check of its own for that.",
			snippet: "services:\n  {service}:\n    depends_on:\n      {neighbour}: {{condition: service_healthy}\n"},
		{when: Then, title: "See whether {resolver}, the name server that it was given (`--dns`), answers and knows {asked}",
			detail: "{says} It is asked in place of the host's own; without the setting those are asked."},
		{when: Then, title: "Put it and what it asks for into a network of their own: on the {bridge} bridge no " +
			"container's name resolves", detail: "{says} The engine answers for names in networks that were made (network " +
			"create, every compose project), not in the one that is there by default.", run: "--network NAME"},
		{when: Then, title: "See what {runs} listens on: it runs, and refuses port {port}",
			detail: "{says} A program that is coming up, one that listens on loopback alone, or another port in the " +
				"setting.", otherwise: true},
		{when: Then, title: "Check that {outside} is up, has that name and can be reached from this container's " +
			"network", detail: "{says}"},
	},
	fact.DependencyLost: {{when: Then, title: "Connect again, with a limit, when {host} goes away",
		detail: "{says}"}},
	fact.DependencyRefuses: {
		trusted,
		{when: Now, title: "See what fills its {alarm}, and make room: until then it reads nothing of who publishes",
			command: "{cli} exec {alive} rabbitmqctl list_queues name messages memory consumers",
			detail: "Queues that are consumed or purged, or a higher limit (vm_memory_high_watermark, disk_free_limit), " +
				"end the alarm."},
		{when: Then, title: "Give redis a folder that it may write to: {savereadonly} is read-only", language: "yaml",
			detail: "Start it with `--dir /data` then. What need not outlast a restart is not saved at all with " +
				"`--save ''`: then it refuses nothing.",
			snippet: "services:\n  {service}:\n    volumes:\n      - data:/data\nvolumes:\n  data:\n",
			run:     "-v data:/data"},
		{when: Then, title: "Make room where redis saves: {savefull} is full"},
		{when: Then, title: "Let redis's user write to {savedenied}"},
		{when: Now, title: "See what fills {full}, and make room or raise its maxmemory: `config set maxmemory` takes " +
			"effect at once", command: "{cli} exec {fullname} redis-cli info memory"},
		{when: Then, title: "Give {full} a maxmemory that holds its data, or a maxmemory-policy that lets old keys go",
			detail: "With noeviction, the default, it refuses every write once it is full. It writes nothing of that to " +
				"its own log."},
		{when: Then, title: "Mend {refuser}: it is up and refuses, and its own log says why", detail: "{says}"},
		{when: Then, title: "Mend what {host} refuses it for", detail: "{says}"},
		{when: Then, title: "Mend what it is refused for", detail: "{says}", otherwise: true}},
	fact.DataDamaged: {{when: Then, title: "Copy {path} away, then repair it with the program's own tool, or " +
		"take a backup", detail: "{says}"},
		{when: Then, title: "Copy its data away ({writable}), then repair them with the program's own tool, or take a backup",
			detail: "{says} redis has redis-check-aof --fix and redis-check-rdb, SQLite .recover, PostgreSQL its backups."}},
	fact.V8Heap: {{when: Then, title: "Give V8 three quarters of the container's {limit}, or find what grows",
		language: "yaml",
		snippet:  environment(`NODE_OPTIONS: "--max-old-space-size={heap} --heapsnapshot-near-heap-limit=2"`),
		detail:   "The snapshot that it writes near the limit shows what grows."},
		{when: Then, title: "Find what grows in V8's heap", language: "yaml",
			snippet: environment(`NODE_OPTIONS: "--heapsnapshot-near-heap-limit=2"`)}},
	fact.JVMHeap: {{when: Then, title: "Let the JVM keep what fills its heap ({javaheap})", language: "yaml",
		snippet: environment("JAVA_TOOL_OPTIONS: >-\n        -XX:+HeapDumpOnOutOfMemoryError\n" +
			"        -XX:+ExitOnOutOfMemoryError"),
		detail: "And give it the size that it needs: -XX:MaxRAMPercentage, a quarter of the container's memory by " +
			"default."}},
	fact.JVMFatal: {{when: Then, title: "Let the JVM write its crash report to the log", language: "yaml",
		snippet: environment(`JAVA_TOOL_OPTIONS: "-XX:+ErrorFileToStderr"`),
		detail:  "From Java 15 on; it names the native frame, and the file is gone with the container."}},
	fact.JVMStart: {
		{when: Then, title: "Put the class {mainclass} on the class path (-cp), or the jar that holds it into the image",
			detail: "{says}"},
		{when: Then, title: "Put {jarfile} into the image, or correct the path", detail: "{says}"},
		{when: Then, title: "Correct what the JVM does not start with", detail: "{says}", otherwise: true}},
	fact.GoFatal: {
		{when: Then, title: "Guard what several goroutines use at once, and test with go build -race ({race})",
			detail: "{says}"},
		{when: Then, title: "Let the calls end that call themselves ({recursion})",
			detail: "The stack below that line shows which; a data structure that holds itself does it, too. {says}"},
		{when: Then, title: "Mend the fault", detail: "{says}", otherwise: true}},
	fact.RustPanic: {{when: Then, title: "Let Rust print where a panic comes from", language: "yaml",
		snippet: environment(`RUST_BACKTRACE: "1"`), detail: "{says}"}},
	fact.DotnetMemory: {{when: Then, title: "Let .NET use three quarters of the container's {limit}", language: "yaml",
		snippet: environment(`DOTNET_GCHeapHardLimitPercent: "0x4B"`), detail: "Hexadecimal: 75."}},
	fact.PHPFatal: {{when: Then, title: "Raise PHP's memory_limit of {phpbytes} bytes, or use less a request",
		language: "ini", snippet: "memory_limit = {phpdouble}\n"}},
	fact.RequestsFail: {{when: Then, title: "Mend what its requests fail with", detail: "{says}"},
		{when: Then, title: "Let the health check ask for what the requests need", detail: "It says " +
			"nothing of requests that are all answered with errors."}},
	fact.Deadlock: {
		{when: Now, title: "Restart it: who waits so does not go on by itself", command: "{cli} restart {standing}"},
		{when: Then, title: "Take the lock of {orphanline} in a with everywhere: it is given back however the block ends",
			detail: "An exception between acquire() and release(), or a thread that ends there, leaves it taken for ever."},
		inPython(draft{when: Then, title: "Take the locks in one order everywhere, and give each wait an end",
			detail: "queue.get, Event.wait and Thread.join take a timeout, too."}, boundWait)},
	fact.RequestsWait: {{when: Then, title: "Give the wait in {stallline} an end, and answer with an error then",
		detail: "asyncio.wait_for and asyncio.timeout bound any await; Event.wait, Condition.wait, queue.get and " +
			"Lock.acquire of threads take a timeout. Then find who was to set, release or put, and why it did not."}},
	fact.ChildrenDie: {{when: Then, title: "Find why {object} ends, and let its parent end, or start it anew, when " +
		"it does", detail: "{says}"}},
	fact.ThreadsRefused: {
		{when: Then, title: "Let the seccomp filter allow clone3: {refusal} is its answer, not a limit's",
			detail: "Docker before 20.10.10 and its libseccomp refuse what they do not know; a profile of one's own must " +
				"list clone3, or answer ENOSYS, on which the C library falls back to clone."},
		{when: Now, title: "Allow more processes and threads than {pids}",
			command: "{cli} update --pids-limit {pids2} {ended} && {cli} start {ended}"},
		{when: Now, title: "Allow more processes and threads than {pids}",
			command: "{cli} update --pids-limit {pids2} {name}"},
		{when: Then, title: "Raise the limit of {pids} where it is written, or find what starts so many", language: "yaml",
			snippet: "services:\n  {service}:\n    pids_limit: {pids2}\n", run: "--pids-limit {pids2}",
			detail: "Without an init as PID 1, children that nobody waits for count, too: `init: true`."},
		{when: Then, title: "Find what refuses it: {unlimited}, the address space, or a seccomp filter without clone3",
			detail: "The program does not say which. A limit answers EAGAIN, a filter mostly EPERM: `strace -f -e " +
				"clone3,clone`."},
	},
	fact.WatchdogKill: {
		{when: Then, title: "Find what {watched} waits for, and give it an end of its own, before the watchdog's",
			detail: "faulthandler.dump_traceback_later(…, exit=True) ends the process when its time is up; " +
				"cancel_dump_traceback_later, or a later time, is for what may take so long."},
		{when: Then, title: "Limit what takes {hostmemory}: the watchdog acts before the kernel would", detail: "{says}",
			otherwise: true}},
	fact.MemoryRefused: {{when: Then, title: "Give it more memory than {limit}, or let it ask for less",
		detail: "{says}"},
		{when: Then, title: "Let it ask for less memory, or lift what limits it (ulimit -v, the host's overcommit)",
			detail: "{says}"}},
	fact.GPUMemory: {{when: Now, title: "See who holds the GPU's memory", command: "nvidia-smi"}},
	fact.HostSetting: {
		{when: Then, title: "Allow the system call {forbidden} that its seccomp profile ends it for",
			detail: "The engine's own profile allows what programs usually need; one of one's own (`--security-opt " +
				"seccomp=…`) must list the call."},
		{when: Now, title: "Raise vm.max_map_count on the host, then start it",
			command: "sudo sysctl -w vm.max_map_count={mapcount}"},
		{when: Now, title: "Let the host overcommit memory, then start it",
			command: "sudo sysctl -w vm.{overcommit}=1"},
	},
	fact.NotInForeground: {
		{when: Then, title: "Give {noinput} something to do: a command or a script behind the " +
			"image's name, or a terminal (run -it)", detail: "A container lives as long as the program that it starts. " +
			"What is to be looked into by hand later is kept by a command without an end, such as sleep infinity."},
		{when: Then, title: "Keep {program} in the foreground", detail: "{foreground}"},
	},
	fact.ProcessStopped: {
		{when: Now, title: "Let its workers go on", command: "{cli} exec {stopped} sh -c 'kill -CONT -1'",
			detail: "Unless a debugger holds them: then leave the debugger."},
		{when: Now, title: "Let its main process go on", command: "{cli} kill --signal CONT {halted}",
			detail: "Unless a debugger holds it: then leave the debugger."}},
	fact.NativeCrash: {{when: Then, title: "Let it leave a core, which tells what crashed", language: "yaml",
		snippet: "services:\n  {service}:\n    ulimits: {{core: -1}\n", run: "--ulimit core=-1",
		detail: "`gwdoctor cores {name}` says where this host would put it."}},
}

// foreground is how programs that go into the background by default are kept from it.
var foreground = map[string]string{
	"nginx": `nginx -g "daemon off;"`, "redis-server": "redis-server --daemonize no", "php-fpm": "php-fpm -F",
	"httpd":      "httpd -DFOREGROUND",
	"apache2ctl": "apache2ctl -D FOREGROUND", "apachectl": "apachectl -D FOREGROUND", "sshd": "sshd -D -e",
	"cron": "cron -f", "crond": "crond -f",
	"mongod": "mongod without --fork", "gunicorn": "gunicorn without --daemon",
	"celery": "celery worker without --detach", "uwsgi": "uwsgi without --daemonize",
	"haproxy": "haproxy -db", "supervisord": "supervisord -n", "postfix": "postfix start-fg", "rsyslogd": "rsyslogd -n",
}
