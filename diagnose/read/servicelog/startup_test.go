package servicelog

import (
	"fmt"
	"testing"
)

// The frames by which each starter comes to the application's module.
const (
	uvicornFrames = "  File \"/usr/local/bin/uvicorn\", line 8, in <module>\n    sys.exit(main())\n  File " +
		"\"/usr/lib/python3/dist-packages/uvicorn/config.py\", line 433, in load\n    self.loaded_app = " +
		"import_from_string(self.app)\n" +
		"  File \"/usr/lib/python3/dist-packages/uvicorn/importer.py\", line 19, in import_from_string\n    module = " +
		"importlib.import_module(module_str)\n  File \"/usr/lib/python3.11/importlib/__init__.py\", line 126, in " +
		"import_module\n    return x\n" +
		"  File \"<frozen importlib._bootstrap>\", line 241, in _call_with_frames_removed\n"
	spawnFrames = "  File \"/usr/lib/python3.11/multiprocessing/process.py\", line 314, in _bootstrap\n    " +
		"self.run()\n" + uvicornFrames
	gunicornFrames = "  File \"/usr/lib/python3/dist-packages/gunicorn/arbiter.py\", line 589, in spawn_worker\n    " +
		"worker.init_process()\n  File \"/usr/lib/python3/dist-packages/gunicorn/workers/base.py\", line 146, in " +
		"load_wsgi\n    self.wsgi = self.app.wsgi()\n"
	celeryFrames = "  File \"/usr/lib/python3/dist-packages/celery/bin/celery.py\", line 58, in convert\n    return " +
		"find_app(value)\n  File \"/usr/lib/python3/dist-packages/celery/app/utils.py\", line 383, in find_app\n    sym " +
		"= symbol_by_name(app)\n"
	moduleFrames = "  File \"<frozen runpy>\", line 198, in _run_module_as_main\n  File \"<frozen runpy>\", line 88, " +
		"in _run_code\n"

	ownModule     = "  File \"/srv/app/settings.py\", line 3, in <module>\n    URL = os.environ['DATABASE_URL']\n"
	libraryModule = "  File \"/usr/lib/python3/dist-packages/celery/__main__.py\", line 4, in <module>\n    from . " +
		"import maybe_patch_concurrency\n  File \"/usr/lib/python3/dist-packages/pytz/__init__.py\", line 38, in " +
		"<module>\n    OLSON_VERSION = _read_olson_version()\n"
	osEnviron = "  File \"<frozen os>\", line 679, in __getitem__\n"
)

func importing(frames, rest string) string {
	return "Traceback (most recent call last):\n" + frames + ownModule + rest + "\n"
}

// TestStartup: an exception before the server was up is why it did not come up, whoever started it.
func TestStartup(t *testing.T) {
	const worker = "[2026-11-23 09:16:56 +0000] [9] [ERROR] Exception in worker process\n"
	for name, log := range map[string]string{
		"uvicorn m:app": importing(uvicornFrames,
			"FileNotFoundError: [Errno 2] No such file or directory: 'model.bin'"),
		"uvicorn --workers": "Process SpawnProcess-1:\n" + importing(spawnFrames, "RuntimeError: no model"),
		"gunicorn":          worker + importing(gunicornFrames, "RuntimeError: no model"),
		"celery": "Error: Invalid value for '-A' / '--app': \nUnable to load celery application.\nWhile " +
			"trying to load the module tasks the following error occurred:\n" +
			importing(celeryFrames, "RuntimeError: no broker"),
		"python -m": importing(moduleFrames, "RuntimeError: no model"),
		"python main.py": importing("  File \"/srv/app/main.py\", line 3, in <module>\n    import settings\n",
			"RuntimeError: no model"),
		"python -m, a library": "Traceback (most recent call last):\n" + moduleFrames + libraryModule +
			"FileNotFoundError: [Errno 2] No such file or directory: '/usr/share/zoneinfo/tzdata.zi'\n",
		"python main.py itself": trace("redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. "+
			"Connection refused.", `"/srv/app/main.py", line 3, in <module>`),
		"lifespan": "INFO:     Waiting for application startup.\nERROR:    " +
			trace("RuntimeError: x", lifespanFrame, enterFrame),
	} {
		only(t, scan(t, log), "startup-exception")
		if name == "" {
			t.Error("no name")
		}
	}
	for name, log := range map[string]string{
		"a request": "INFO:     Application startup complete.\nERROR:    Exception in ASGI application\n" +
			importing(uvicornFrames, "RuntimeError: x"),
		"logged by somebody": trace("RuntimeError: x"),
		"hours after the start": cri("0 working", "9000 Traceback (most recent call last):",
			`9000   File "/srv/app/main.py", line 3, in <module>`, "9000     main()",
			"9000 redis.exceptions.ConnectionError: Connection closed by server."),
		"a batch that had written its rows": cri(append(rows(25), "3 Traceback (most recent call last):",
			`3   File "/srv/app/main.py", line 3, in <module>`, "3 ValueError: row 26")...),
		"a worker that was at it": "[2026-11-23 09:16:56 +0000] [9] [ERROR] Exception in worker process\n" +
			trace("RuntimeError: x"),
		"a script of one line": trace("RuntimeError: x", `"<string>", line 3, in <module>`),
	} {
		for _, f := range scan(t, log).Runs[0].Findings {
			if f.ID == "startup-exception" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// rows are lines of a batch at its work, ten a second.
func rows(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("%d INFO batch row %d written", i/10, i))
	}
	return lines
}

// TestMissingSettings: the name of what is missing stands in the finding.
func TestMissingSettings(t *testing.T) {
	for log, want := range map[string]string{
		importing(uvicornFrames, osEnviron+"KeyError: 'DATABASE_URL'"): "DATABASE_URL",
		trace("KeyError: 'API_KEY'", `"<string>", line 3, in <module>`,
			`"<frozen os>", line 679, in __getitem__`): "API_KEY",
		trace("KeyError: 'price'", `"<string>", line 3, in <module>`): "",
		importing(uvicornFrames, "pydantic.error_wrappers.ValidationError: 1 validation error for "+
			"Settings\nDATABASE_URL\n  field required (type=value_error.missing)"): "DATABASE_URL",
		importing(moduleFrames, "pydantic_core._pydantic_core.ValidationError: 1 validation error for "+
			"Settings\nrag.rerank\n  Field required [type=missing, input_value={}]"): "rag.rerank",
	} {
		found := ""
		for _, f := range scan(t, log).Runs[0].Findings {
			if f.ID == "environment-missing" || f.ID == "settings-invalid" {
				found = f.Object
			}
		}
		if found != want {
			t.Errorf("%q: %q, want %q", log, found, want)
		}
	}
}
