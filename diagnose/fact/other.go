package fact

import "slices"

// NamedOther is a reason that is known and none of the ten causes.
type NamedOther struct {
	ID    string
	Title string // a sentence without its object: "a port is taken"
}

// IDs of the named others. They are part of the JSON contract (verdict.other.id).
const (
	CommandMissing       = "command-not-found"
	CommandNotExecutable = "command-not-executable"
	InterpreterMissing   = "missing-interpreter"
	CRLFScript           = "crlf-script"
	WrongArchitecture    = "wrong-architecture"
	LibraryMissing       = "missing-library"
	PortTaken            = "port-taken"
	PermissionDenied     = "permission-denied"
	FileSystemFull       = "file-system-full"
	ReadOnlyFileSystem   = "read-only-file-system"
	SharedMemoryFull     = "shared-memory-full"
	SettingMissing       = "missing-setting"
	SettingRefused       = "refused-setting"
	DependencyDown       = "dependency-unreachable"
	DependencyLost       = "dependency-lost"
	DependencyRefuses    = "dependency-refuses"
	RequestsFail         = "requests-fail"
	DataDamaged          = "damaged-data"
	V8Heap               = "v8-heap-limit"
	NodeException        = "node-uncaught-exception"
	JVMHeap              = "jvm-out-of-memory"
	JVMFatal             = "jvm-fatal-error"
	JVMStart             = "jvm-not-started"
	JavaException        = "java-uncaught-exception"
	GoPanic              = "go-panic"
	GoFatal              = "go-fatal-error"
	GoDeadlock           = "go-deadlock"
	Deadlock             = "threads-wait-for-each-other"
	RequestsWait         = "requests-wait"
	RustPanic            = "rust-panic"
	DotnetException      = "dotnet-unhandled-exception"
	DotnetMemory         = "dotnet-out-of-memory"
	PHPFatal             = "php-fatal-error"
	RubyException        = "ruby-uncaught-exception"
	NativeCrash          = "native-crash"
	ChildrenDie          = "children-die"
	ThreadsRefused       = "threads-refused"
	WatchdogKill         = "killed-by-watchdog"
	MemoryRefused        = "memory-refused"
	GPUMemory            = "gpu-out-of-memory"
	HostSetting          = "host-setting"
	StillStarting        = "not-up-yet"
	CPUQuota             = "cpu-quota"
	HostOverloaded       = "host-overloaded"

	UncaughtException = "uncaught-exception" // in words of no runtime above
	FatalWords        = "fatal-last-words"
	NotStarted        = "engine-could-not-start"
	NotInForeground   = "not-in-foreground"
	ProcessStopped    = "process-stopped"
	NoNetwork         = "no-network"
	LoopbackOnly      = "listens-on-loopback"
	NothingListens    = "port-not-served"

	ImageNotPulled   = "image-not-pulled" // what Kubernetes tells itself
	ObjectMissing    = "configmap-or-secret-missing"
	VolumeNotMounted = "volume-not-mounted"
	Unschedulable    = "unschedulable"
	PodRefused       = "pod-refused"
	Evicted          = "evicted"
	DeadlineExceeded = "deadline-exceeded"
	NodeTrouble      = "node-trouble"
	HookFailed       = "hook-failed"
	GateClosed       = "readiness-gate-closed"
	OutlastsSchedule = "outlasts-its-schedule"
)

// namedOthers is every one, in the order in which a report would tell them apart: what keeps a program from running at
// all comes first.
var namedOthers = []NamedOther{
	{CommandMissing, "the command is not in the image"},
	{CommandNotExecutable, "the command may not be executed"},
	{InterpreterMissing, "the script's interpreter is not in the image"},
	{CRLFScript, "the script has Windows line ends"},
	{WrongArchitecture, "the program is built for another CPU, or is a script without #!"},
	{LibraryMissing, "a library that the program needs is not in the image"},
	{PortTaken, "a port is taken"},
	{PermissionDenied, "permission denied"},
	{FileSystemFull, "a file system is full"},
	{ReadOnlyFileSystem, "a file system is read-only"},
	{SharedMemoryFull, "/dev/shm is too small"},
	{SettingMissing, "a setting is missing"},
	{SettingRefused, "a setting or the command line is refused"},
	{DependencyDown, "a dependency cannot be reached"},
	{DependencyLost, "a dependency was lost while it was in use"},
	{DependencyRefuses, "a dependency is up and refuses"},
	{RequestsFail, "requests are answered with errors (5xx)"},
	{DataDamaged, "data on disk is damaged or of another version"},
	{V8Heap, "V8 reached its heap limit"},
	{NodeException, "Node.js ended by an uncaught exception"},
	{JVMHeap, "the JVM ran out of memory of its own"},
	{JVMFatal, "the JVM itself crashed"},
	{JVMStart, "the JVM could not start"},
	{JavaException, "a Java thread ended by an uncaught exception"},
	{GoPanic, "Go panic"},
	{GoFatal, "fatal error of the Go runtime"},
	{GoDeadlock, "all goroutines wait for each other"},
	{Deadlock, "its threads or tasks wait for each other"},
	{RequestsWait, "requests wait inside it for what does not come"},
	{RustPanic, "Rust panic"},
	{DotnetException, ".NET ended by an unhandled exception"},
	{DotnetMemory, ".NET ran out of memory"},
	{PHPFatal, "PHP fatal error"},
	{RubyException, "Ruby ended by an uncaught exception"},
	{NativeCrash, "native code crashed"},
	{ChildrenDie, "child processes die while their parent lives"},
	{ThreadsRefused, "no thread or process may be started"},
	{WatchdogKill, "a watchdog killed it"},
	{MemoryRefused, "the operating system refused memory"},
	{GPUMemory, "the GPU's memory is full"},
	{HostSetting, "the host's settings do not allow it"},
	{StillStarting, "it has not come up yet"},
	{CPUQuota, "its CPU quota is too small"},
	{HostOverloaded, "the machine is overloaded"},
	{NotInForeground, "the main process does not stay in the foreground"},
	{ProcessStopped, "the main process is stopped"},
	{NoNetwork, "it was taken out of its network"},
	{LoopbackOnly, "it listens on a loopback address, where nobody outside its container reaches it"},
	{NothingListens, "nothing listens on the port that it publishes"},
	{ImageNotPulled, "the image could not be had"},
	{ObjectMissing, "a ConfigMap, a Secret or a key of one is missing"},
	{VolumeNotMounted, "a volume could not be mounted"},
	{Unschedulable, "no node takes the pod"},
	{PodRefused, "Kubernetes refused the pod or its container"},
	{Evicted, "the kubelet evicted the pod"},
	{DeadlineExceeded, "its deadline passed"},
	{NodeTrouble, "the node failed, not the container"},
	{HookFailed, "a lifecycle hook failed"},
	{GateClosed, "a readiness gate keeps requests from it"},
	{OutlastsSchedule, "its next run is due, and this one has not ended"},
	{UncaughtException, "it ended by an uncaught exception"},
	{NotStarted, "the engine could not start it"},
	{FatalWords, "its last words tell of a failure"},
}

// RefusesItself is the title of [DependencyRefuses] in the report of the server that refuses.
const RefusesItself = "it refuses work"

// NamedOthers returns a copy of the table.
func NamedOthers() []NamedOther { return slices.Clone(namedOthers) }
