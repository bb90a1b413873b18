package docker

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"sync"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// sshHost is an engine behind ssh, as docker's CLI reaches it: ssh runs a program on the other side that copies its
// standard input and output to and from the engine's socket.
//
//	ssh://ops@staging:2222              ssh … -l ops -p 2222 -- staging docker system dial-stdio
//	ssh://ops@vm/run/podman/podman.sock ssh … -l ops -- vm podman --url unix:///run/podman/podman.sock system dial-stdio
//
// ssh itself cannot lead to a socket by its standard input and output: with -W and a path, OpenSSH 9.2 says nothing and
// waits for ever.
type sshHost struct {
	user, host, port string
	socket           string // on the other side; "" = where the program there looks for it
	identity         string // a key file that Podman's connection names
	podman           bool
}

const sshScheme = "ssh://"

// parseSSH reads ssh://[user@]host[:port][/path of the socket].
func parseSSH(t address) (sshHost, error) {
	u, err := url.Parse(t.Host)
	switch {
	case err != nil:
		return sshHost{}, errors.New("read the ssh address: it is not of the form ssh://user@host:port/path")
	case u.Hostname() == "":
		return sshHost{}, errors.New("read the ssh address: it names no host")
	case u.Hostname()[0] == '-': // would be an option on the command line that we tell to try
		return sshHost{}, errors.New("read the ssh address: no host begins with a dash")
	case u.RawQuery != "" || u.Fragment != "":
		return sshHost{}, errors.New("read the ssh address: it may have a user, a host, a port and a path, nothing else")
	}
	if _, ok := u.User.Password(); ok {
		return sshHost{}, errors.New("a password in an ssh address is not used; let a key in: ssh-copy-id")
	}
	h := sshHost{user: u.User.Username(), host: u.Hostname(), port: u.Port(), identity: t.identity}
	if path := strings.TrimRight(u.Path, "/"); path != "" {
		h.socket = path
	}
	h.podman = t.podman || strings.Contains(h.socket, "/podman/")
	return h, nil
}

// command is ssh with its arguments. BatchMode: what would have to be typed in cannot be, behind a pipe or for four
// connections at once. Forwardings of the user's ssh_config are for one connection.
func (h sshHost) command() *exec.Cmd {
	args := []string{"-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ClearAllForwardings=yes", "-T"}
	args = append(args, h.login()...)
	args = append(args, "--", h.host)
	return exec.Command("ssh", append(args, h.remote()...)...)
}

// login is the part of the arguments that a person types as well.
func (h sshHost) login() []string {
	var args []string
	for _, option := range [][2]string{{"-i", h.identity}, {"-l", h.user}, {"-p", h.port}} {
		if option[1] != "" {
			args = append(args, option[0], option[1])
		}
	}
	return args
}

// remote is the program on the other side, whose shell reads the words once more.
func (h sshHost) remote() []string {
	program, flag := h.program(), "--host"
	if h.podman {
		flag = "--url"
	}
	if h.socket == "" {
		return []string{program, "system", "dial-stdio"}
	}
	return []string{program, flag, source.ShellWord("unix://" + h.socket), "system", "dial-stdio"}
}

func (h sshHost) program() string {
	if h.podman {
		return "podman"
	}
	return "docker"
}

// typed is the ssh command line with which a person tries the same.
func (h sshHost) typed(words ...string) string {
	line := []string{"ssh"}
	for _, word := range append(h.login(), h.host) {
		line = append(line, source.ShellWord(word))
	}
	return strings.Join(append(line, words...), " ")
}

// sshTrouble is a way in which ssh or the program on the other side ends, told by what it prints.
type sshTrouble struct {
	says []string // one of these, in lower case
	what string   // PROGRAM is docker or podman
	do   func(h sshHost) string
}

// sshTroubles are in order of telling: a changed key also fails the verification. The texts are those of OpenSSH 9.2,
// bash, dash and busybox, and of docker's CLI 20.10 to 28; each was seen.
var sshTroubles = []sshTrouble{
	{[]string{"remote host identification has changed"},
		"the server's host key is another than the one known: a new machine, or somebody in between",
		func(h sshHost) string {
			return "find out which, then forget the old key: ssh-keygen -R " + source.ShellWord(h.known())
		}},
	{[]string{"host key verification failed"}, "the server's host key is not known here",
		func(h sshHost) string { return "log in once and compare its fingerprint: " + h.typed("true") }},
	{[]string{"permission denied (", "too many authentication failures"},
		"the server does not let us in without a password",
		func(h sshHost) string {
			return "let a key in (ssh-copy-id) and, where it has a passphrase, ssh-add it; this must work: " +
				h.typed("-o BatchMode=yes true")
		}},
	{[]string{"could not resolve hostname"}, "no such host", triedByHand},
	{[]string{"permission denied while trying to connect to the docker", "connect: permission denied"},
		"the user on the other side may not use PROGRAM's socket",
		func(h sshHost) string {
			return "there: sudo usermod -aG docker $USER, then log in again; or name a user who may: ssh://root@" + h.host
		}},
	{[]string{"is the docker daemon running", "connect: no such file or directory", "connect: connection refused"},
		"no engine runs on the other side, or not at that socket",
		func(h sshHost) string { return "look there: " + h.typed(h.program(), "info") }},
	{[]string{"connection refused", "connection timed out", "no route to host", "network is unreachable"},
		"no ssh server answers there", triedByHand},
	{[]string{"is not a docker command", "unrecognized command"},
		"PROGRAM on the other side is too old for this (before 18.09)",
		func(h sshHost) string {
			return "forward the socket, then name --host unix:///tmp/engine.sock: " +
				h.typed("-nNT", "-L", "/tmp/engine.sock:/var/run/docker.sock")
		}},
	{[]string{"command not found", "not found", "no such file or directory"},
		"PROGRAM is not installed on the other side, or not on the PATH of a shell that nobody logs in to",
		func(h sshHost) string {
			if h.podman {
				return "look there: " + h.typed("command", "-v", "podman")
			}
			return "look there: " + h.typed("command", "-v", "docker") + "; Podman's socket is named with its path: ssh://" +
				h.host + podmanSocket
		}},
}

func triedByHand(h sshHost) string { return "this must work: " + h.typed("true") }

// known is how known_hosts names the server.
func (h sshHost) known() string {
	if h.port == "" || h.port == "22" {
		return h.host
	}
	return "[" + h.host + "]:" + h.port
}

// why puts the end of ssh into words: how it ended, and what it printed.
func (h sshHost) why(end error, said []byte) error {
	if errors.Is(end, exec.ErrNotFound) {
		return &AccessError{What: "ssh is not installed here", Do: "install OpenSSH's client (apt install openssh-client)"}
	}
	text := strings.ToLower(string(said))
	for _, t := range sshTroubles {
		for _, says := range t.says {
			if strings.Contains(text, says) {
				return &AccessError{What: strings.ReplaceAll(t.what, "PROGRAM", h.program()), Do: t.do(h)}
			}
		}
	}
	what := fmt.Sprintf("ssh ended (%v)", end)
	if line := lastLine(said); line != "" {
		what = "ssh ended: " + line
	}
	return &AccessError{What: what, Do: triedByHand(h)}
}

func lastLine(text []byte) string {
	text = bytes.TrimSpace(text)
	return string(bytes.TrimSpace(text[bytes.LastIndexByte(text, '\n')+1:]))
}

// tail is a writer that keeps the newest of what is written.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	t.kept = append([]byte(nil), t.kept[max(0, len(t.kept)-errorBytes):]...)
	return len(p), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.kept)
}
