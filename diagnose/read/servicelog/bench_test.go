package servicelog

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

const benchSize = 16 << 20

// accessLog is 16 MiB of ordinary access lines with a traceback every 20,000 lines.
func accessLog(b *testing.B) []byte {
	b.Helper()
	trace := recorded(recordings()["uv-0.17.6-req-custom"])
	var out bytes.Buffer
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i := 0; out.Len() < benchSize; i++ {
		at = at.Add(7 * time.Millisecond)
		fmt.Fprintf(&out, "%s stdout F INFO:     10.0.%d.%d:%d - \"GET /v1/items/%d?limit=50 HTTP/1.1\" 200 OK\n",
			at.Format("2006-01-02T15:04:05.000000000Z"), i%250, i%199, 30000+i%9999, i)
		if i%20000 == 0 {
			out.Write(trace)
		}
	}
	return out.Bytes()
}

func benchScan(b *testing.B, log []byte) {
	b.Helper()
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Scan(bytes.NewReader(log), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScanAccess(b *testing.B) { benchScan(b, accessLog(b)) }

// BenchmarkScanApp is the log of an application with its own format, one WARNING in ten.
func BenchmarkScanApp(b *testing.B) {
	var out bytes.Buffer
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i := 0; out.Len() < benchSize; i++ {
		at = at.Add(3 * time.Millisecond)
		level := "INFO"
		if i%10 == 0 {
			level = "WARNING"
		}
		fmt.Fprintf(&out, "%s stderr F 2026-11-23 09:06:15,120 - gateway.worker - %s - handled job %d for tenant %d in "+
			"12.5 ms, queue depth 17\n",
			at.Format("2006-01-02T15:04:05.000000000Z"), level, i, i%300)
	}
	benchScan(b, out.Bytes())
}

// BenchmarkScanBare is what print leaves: no prefix to tell anything by.
func BenchmarkScanBare(b *testing.B) {
	benchScan(b, bytes.Repeat([]byte("2026-11-23T19:14:00.123456789Z stdout F handled job 4711 for tenant acme in "+
		"12.5 ms, queue depth is 17 now\n"), benchSize/107))
}

// BenchmarkScanFlood is asyncio out of descriptors: a traceback every six lines.
func BenchmarkScanFlood(b *testing.B) {
	flood := "socket.accept() out of system resource\nsocket: <asyncio.TransportSocket fd=6>\nTraceback (most recent " +
		"call last):\n" +
		"  File \"/usr/lib/python3.11/asyncio/selector_events.py\", line 165, in _accept_connection\n    conn, addr = " +
		"sock.accept()\nOSError: [Errno 24] Too many open files\n"
	var out bytes.Buffer
	for out.Len() < benchSize {
		for _, l := range bytes.SplitAfter([]byte(flood), []byte("\n")) {
			if len(l) > 0 {
				out.WriteString("2026-11-23T19:14:00.123456789Z stderr F ")
				out.Write(l)
			}
		}
	}
	benchScan(b, out.Bytes())
}

func BenchmarkScanJSON(b *testing.B) {
	benchScan(b, bytes.Repeat([]byte(`2026-11-23T19:14:00.123456789Z stdout F {"asctime": "2026-11-23 09:40:02,081", "levelname": "INFO", "name": "gateway", "message": "handled job 4711", "tenant": "acme", "ms": 12.5}`+"\n"), benchSize/190))
}

// BenchmarkScanEscapes is hostile: nothing but introducers of escape sequences that never end.
func BenchmarkScanEscapes(b *testing.B) {
	benchScan(b, bytes.Repeat(append(bytes.Repeat([]byte("\x1b]"), 30000), '\n'), benchSize/60001))
}
