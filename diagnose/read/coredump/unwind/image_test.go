package unwind

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stripped builds a program with a function of its own, strips it, and gives it what
// Fedora's packages keep: the names, xz-compressed, in .gnu_debugdata. It returns
// where the function is.
func stripped(t *testing.T, debugData string) (path string, addr uint64) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "program")
	source := "__attribute__((noinline)) static int own_function(int x) { return x * x + 1; }\nint main(int n, char " +
		"**v) { return own_function(n); }\n"
	if err := os.WriteFile(filepath.Join(dir, "p.c"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	script := `gcc -O1 -o program p.c && objcopy -S --keep-symbol=own_function program names && objcopy --strip-all program bare &&
		xz -k names && cp program whole && objcopy --add-section .gnu_debugdata=` + debugData + ` bare program`
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("gcc, objcopy and xz are needed: %s", out)
	}
	whole, err := elf.Open(filepath.Join(dir, "whole"))
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	list, _ := whole.Symbols()
	for _, s := range list {
		if s.Name == "own_function" {
			return path, s.Value
		}
	}
	t.Fatal("the compiler made no own_function")
	return "", 0
}

func symbolIn(t *testing.T, path string, addr uint64) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	im, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	return im.Symbol(addr)
}

// TestMiniDebugInfo: a stripped file may hold its names compressed.
func TestMiniDebugInfo(t *testing.T) {
	path, addr := stripped(t, "names.xz")
	if got := symbolIn(t, path, addr+1); got != "own_function" {
		t.Errorf("symbol %q", got)
	}
	if got := symbolIn(t, path, addr+4096); strings.Contains(got, "own") {
		t.Errorf("far behind it is called %q", got)
	}
}

// TestDamagedMiniDebugInfo: what is no xz, or no ELF file, gives no names and no error.
func TestDamagedMiniDebugInfo(t *testing.T) {
	for _, data := range []string{"p.c", "/dev/null"} {
		path, addr := stripped(t, data)
		if got := symbolIn(t, path, addr+1); got != "" {
			t.Errorf("%s: symbol %q", data, got)
		}
	}
}
