package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// children makes connections out of programs: what is written goes to one's standard input, what is read comes from its
// standard output. Each is ended and waited for.
type children struct {
	command func() *exec.Cmd
	why     func(end error, said []byte) error // puts the end of a program that nobody asked to end into words

	mu   sync.Mutex
	open map[*childConn]bool
}

// endsAlone is how long a program may take to end when its input did. ssh needs the way to the other side and back; the
// one that still asks for a key does not look at its input.
const endsAlone = 250 * time.Millisecond

// dial starts a program.
func (c *children) dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), in.Close())
	}
	conn := &childConn{in: in, out: out, said: new(tail), ended: make(chan struct{}), of: c}
	cmd := c.command()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, conn.said
	cmd.WaitDelay = endsAlone // a master that ssh leaves behind (ControlPersist) holds standard error open
	cmd.SysProcAttr = source.OwnSession()
	err = cmd.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		in.Close()
		out.Close()
		return nil, c.why(err, nil)
	}
	conn.process = cmd.Process
	c.keep(conn)
	go func() {
		conn.end = cmd.Wait()
		close(conn.ended)
		c.forget(conn)
	}()
	return conn, nil
}

func (c *children) keep(conn *childConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[*childConn]bool{}
	}
	c.open[conn] = true
}

func (c *children) forget(conn *childConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, conn)
}

// close ends every program and waits for it.
func (c *children) close() {
	c.mu.Lock()
	list := make([]*childConn, 0, len(c.open))
	for conn := range c.open {
		list = append(list, conn)
	}
	c.mu.Unlock()
	for _, conn := range list {
		conn.Close()
	}
	for _, conn := range list {
		<-conn.ended
	}
}

// childConn is a connection over a program.
type childConn struct {
	in, out *os.File
	said    *tail // its standard error
	process *os.Process
	of      *children

	ended chan struct{} // closed when it was waited for
	end   error         // how it ended; to be read after that

	once sync.Once
}

func (c *childConn) Read(p []byte) (int, error) {
	n, err := c.out.Read(p)
	return n, c.explain(err)
}

func (c *childConn) Write(p []byte) (int, error) {
	n, err := c.in.Write(p)
	return n, c.explain(err)
}

// explain says why the program ended, where that is what broke a connection.
func (c *childConn) explain(err error) error {
	if err == nil || errors.Is(err, os.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	select {
	case <-c.ended:
	case <-time.After(endsAlone): // it closed its output and goes on
		return err
	}
	if c.end == nil || errors.Is(c.end, exec.ErrWaitDelay) {
		return io.EOF
	}
	return c.of.why(c.end, c.said.bytes())
}

// Close ends the program: by the end of its input or, where that does not do it, by a kill.
func (c *childConn) Close() error {
	c.once.Do(func() {
		c.in.Close()
		c.out.Close()
		kill := time.AfterFunc(endsAlone, func() { _ = c.process.Kill() }) // an error: it has ended
		go func() {
			<-c.ended
			kill.Stop()
		}()
	})
	return nil
}

func (c *childConn) LocalAddr() net.Addr  { return childAddr{} }
func (c *childConn) RemoteAddr() net.Addr { return childAddr{} }

func (c *childConn) SetReadDeadline(t time.Time) error  { return c.out.SetReadDeadline(t) }
func (c *childConn) SetWriteDeadline(t time.Time) error { return c.in.SetWriteDeadline(t) }

func (c *childConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// childAddr is the address of a program, which has none.
type childAddr struct{}

func (childAddr) Network() string { return "stdio" }
func (childAddr) String() string  { return "stdio" }
