/* What fuzz_reply's inputs are made of: commands, and what a daemon says. */
#include "config.h"

#include "tests/fuzz/mutate_lines.h"

#define LINE(members)  "{\"jsonrpc\":\"2.0\"," members "}\n"
#define RESULT(result) LINE("\"id\":#,\"result\":" result)
#define NOTICE(method, params) \
	LINE("\"method\":\"" method "\",\"params\":{" params "}")
#define FAILURE(code, more) \
	LINE("\"id\":#,\"error\":{\"code\":" code ",\"message\":\"no\"" more \
	     "}")

#define ROW \
	"{\"level\":#,\"id\":#,\"name\":\"a#\",\"function\":\"exec\"," \
	"\"parent\":#,\"children\":#,\"state\":\"running\",\"created\":#.5," \
	"\"started\":#}"

const char *const mutate_lines[] = {
    RESULT("null"),
    RESULT("#"),
    RESULT("[]"),
    RESULT("[" ROW "]"),
    RESULT(ROW),
    RESULT("{\"tasks\":[" ROW "," ROW "],\"next\":null}"),
    RESULT("{\"tasks\":[" ROW "],\"next\":#}"),
    RESULT("{\"id\":#,\"name\":\"a\"}"),
    RESULT("{\"data\":\"a\\nb\",\"next\":#,\"lost\":#}"),
    RESULT("{\"data\":\"YQo=\",\"next\":#,\"stream\":\"stderr\"}"),
    RESULT("{\"exit_status\":#}"),
    RESULT("{\"signal\":{\"number\":#,\"name\":\"SIGTERM\",\"core\":true}}"),
    RESULT("{\"task\":#,\"state\":\"done\",\"result\":#}"),
    RESULT("{\"body\":#,\"from\":#,\"call\":#}"),
    RESULT("{\"cancelled\":[#],\"count\":#}"),
    RESULT("{\"done\":#,\"errors\":[{\"file\":\"f\",\"line\":#,\"message\":"
	   "\"m\"}]}"),
    FAILURE("1", ",\"data\":{\"state\":\"failed\",\"cause\":{\"code\":9,"
		 "\"message\":\"m\",\"data\":{\"exit_status\":#}}}"),
    FAILURE("3", ",\"data\":{\"ids\":[#,#]}"),
    FAILURE("7", ""),
    FAILURE("#", ""),
    FAILURE("-3260#", ""),
    NOTICE("output",
	"\"task\":#,\"stream\":\"stdout\",\"data\":\"YQo=\",\"next\":#"),
    NOTICE("event", "\"what\":\"missed\",\"from\":#,\"to\":#"),
    NOTICE("event", "\"what\":\"spawned\",\"time\":#,\"task\":" ROW),
    NOTICE("event", "\"what\":\"started\",\"time\":#,\"task\":" ROW),
    NOTICE("event", "\"what\":\"state\",\"time\":#,\"task\":" ROW),
    NOTICE("event", "\"what\":\"failed\",\"time\":#,\"task\":" ROW),
    NOTICE("event", "\"what\":\"finished\",\"time\":#,\"task\":" ROW),
    "\n",
    "tree\n",
    "list\n",
    "show\n",
    "join\n",
    "wait\n",
    "log\n",
    "run\n",
    "events\n",
    "trace\n",
    "functions\n",
    "stats\n",
    "pool\n",
    "current\n",
    "children\n",
    "parent\n",
    "receive\n",
    "request\n",
    "reload\n",
    "call\n",
    "ping\n",
    "version\n",
    "cancel\n",
    "pause\n",
    "--json\n",
    "--color=always\n",
    "-f\n",
    "--lines\n",
    "#\n",
    "--finished\n",
    "--format\n",
    "dot\n",
    "--watch\n",
    "--any\n",
    "--timeout\n",
    "1\n",
    "-d\n",
    "5\n",
    "--wait\n",
    "spawn\n",
    "--\n",
    "sh\n",
    "a#\n",
    "TASKLET_ID=#\n",
    "KEYS=jo#c#yss#\n",
    "KEYS=......#G.S#k#o##q.p.r.c#.y..\n",
    "top\n",
};

const size_t mutate_line_count = sizeof mutate_lines / sizeof mutate_lines[0];
