package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A set is several bundles in one file: those of a project's services, recorded together. It is a .tar.gz of nothing
// but bundles, each named by its container:
//
//	shop-gateway-1.tar.gz
//	shop-redis-1.tar.gz
//
// A folder of such files is one, too.

const (
	memberEnding = ".tar.gz"
	maxMembers   = 1000
)

// WriteSet writes bundles as one .tar.gz. The same bundles always give the same bytes.
func WriteSet(w io.Writer, list []*Bundle) error {
	packed := gzip.NewWriter(w)
	archive := tar.NewWriter(packed)
	taken := map[string]bool{}
	for _, b := range list {
		var one bytes.Buffer
		if err := b.WriteTarGz(&one); err != nil {
			return err
		}
		m := b.Manifest()
		header := &tar.Header{Typeflag: tar.TypeReg, Name: memberName(m.Target.Name, taken), Size: int64(one.Len()),
			Mode: 0o600, ModTime: tarTime(m.CapturedAt)}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("write %q: %w", header.Name, err)
		}
		if _, err := one.WriteTo(archive); err != nil {
			return fmt.Errorf("write %q: %w", header.Name, err)
		}
	}
	if err := errors.Join(archive.Close(), packed.Close()); err != nil {
		return fmt.Errorf("write bundles: %w", err)
	}
	return nil
}

// memberName makes a file's name of a container's, unlike those before.
func memberName(container string, taken map[string]bool) string {
	clean := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, container)
	clean = strings.TrimLeft(clean[:min(len(clean), 100)], ".-")
	if clean == "" {
		clean = "container"
	}
	name := clean
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", clean, i)
	}
	taken[name] = true
	return name + memberEnding
}

// IsSet tells whether a path holds several bundles. What cannot be read is none: Open says why.
func IsSet(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	if info.IsDir() {
		return len(membersIn(name)) > 0
	}
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return false
	}
	defer f.Close()
	return beginsSet(f)
}

// beginsSet tells by the first entry of an archive: a bundle's first is its manifest.
func beginsSet(r io.Reader) bool {
	packed, err := gzip.NewReader(r)
	if err != nil {
		return false
	}
	header, err := tar.NewReader(packed).Next()
	return err == nil && isMember(header)
}

func isMember(h *tar.Header) bool {
	return h.Typeflag == tar.TypeReg && strings.HasSuffix(h.Name, memberEnding)
}

// membersIn lists the bundles in a folder that is none itself.
func membersIn(folder string) []string {
	if _, err := os.Stat(filepath.Join(folder, FileManifest)); err == nil {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), memberEnding) && !e.IsDir() {
			list = append(list, filepath.Join(folder, e.Name()))
		}
	}
	return list
}

// OpenSet reads all bundles of a path for which IsSet holds.
func OpenSet(name string) ([]*Bundle, error) {
	paths := membersIn(name)
	if len(paths) == 0 {
		f, err := os.Open(filepath.Clean(name))
		if err != nil {
			return nil, fmt.Errorf("open bundle: %w", err)
		}
		defer f.Close()
		list, err := ReadSet(f)
		if err != nil {
			return nil, At(name, err)
		}
		return list, nil
	}
	var list []*Bundle
	for _, p := range paths[:min(len(paths), maxMembers)] {
		b, err := Open(p)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// ReadSet reads a set, or a single bundle as a set of one, from a stream. The packed stream is held in memory, up to
// the size of what one bundle may unpack to.
func ReadSet(r io.Reader) ([]*Bundle, error) {
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(2); !bytes.HasPrefix(head, gzipMagic) { // no set: it need not be held in memory
		b, err := Read(buffered)
		if err != nil {
			return nil, err
		}
		return []*Bundle{b}, nil
	}
	data, err := io.ReadAll(io.LimitReader(buffered, maxStream+1))
	if err != nil {
		return nil, readError(err)
	}
	if len(data) > maxStream {
		return nil, hostile("holds more than %d MiB", maxStream>>20)
	}
	if !beginsSet(bytes.NewReader(data)) {
		b, err := Read(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		return []*Bundle{b}, nil
	}
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, readError(err)
	}
	return readMembers(tar.NewReader(io.LimitReader(packed, maxStream)))
}

// inMember names the bundle of a set that was refused.
func inMember(name string, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return fmt.Errorf("in %s: %w", brief(name), err)
	}
	named := *r
	named.detail = fmt.Sprintf("has a bundle %q that %s", brief(name), r.detail)
	return &named
}

func readMembers(archive *tar.Reader) ([]*Bundle, error) {
	var list []*Bundle
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return slices.Clip(list), nil
		}
		if err != nil {
			return nil, readError(err)
		}
		if !isMember(header) {
			return nil, hostile("has %q among its bundles, which is none", brief(path.Clean(header.Name)))
		}
		if len(list) == maxMembers {
			return nil, hostile("has more than %d bundles", maxMembers)
		}
		b, err := Read(archive)
		if err != nil {
			return nil, inMember(header.Name, err)
		}
		list = append(list, b)
	}
}
