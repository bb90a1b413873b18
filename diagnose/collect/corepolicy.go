package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// collectCorePolicy reads where this kernel writes core files. The settings are
// the host's for every container (CORES.md A1: none of them is namespaced).
func collectCorePolicy(ctx context.Context, s *session) outcome {
	if proof := s.host(ctx); !proof.here {
		return absent(proof.reason, "on the engine's host: sysctl kernel.core_pattern kernel.core_uses_pid")
	}
	data, err := readCapped(filepath.Join(s.ProcRoot, "sys/kernel/core_pattern"), 4096)
	if err != nil {
		return failed(fmt.Errorf("read core pattern: %w", err))
	}
	policy := bundle.CorePolicy{
		Pattern: strings.TrimSuffix(string(data), "\n"),
		UsesPID: s.procText("sys/kernel/core_uses_pid") == "1",
	}
	text, err := json.MarshalIndent(policy, "", "  ")
	if err != nil {
		return failed(err)
	}
	return collected("").with(bundle.FileCorePolicy, append(text, '\n'))
}
