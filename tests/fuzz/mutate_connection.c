/* What fuzz_connection's inputs are made of. */
#include "config.h"

#include "tests/fuzz/mutate_lines.h"

#define CALL(method, params) \
	"{\"jsonrpc\":\"2.0\",\"method\":\"" method "\",\"params\":{" params \
	"},\"id\":#}\n"
#define TASK "\"task\":#"

const char *const mutate_lines[] = {
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#]"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"parent\":#"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"parent\":#,"
		  "\"scope\":\"wait\""),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"parent\":#,"
		  "\"scope\":\"cancel\",\"timeout\":#"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[9],\"name\":\"a#\","
		  "\"timeout\":#,\"unique\":true"),
    CALL("spawn", "\"function\":\"echo\",\"args\":[#],\"parent\":#"),
    CALL("spawn", "\"function\":\"print\",\"args\":[\"p\",#]"),
    CALL("later", "\"function\":\"sleep\",\"args\":[#],\"seconds\":#"),
    CALL("loop", "\"function\":\"fail\",\"args\":[\"no\"],"
		 "\"max_failures\":#,\"parent\":#"),
    CALL("loop", "\"function\":\"sleep\",\"args\":[#],\"max_runs\":#,"
		 "\"scope\":\"wait\""),
    CALL("interval", "\"function\":\"echo\",\"seconds\":#,"
		     "\"immediate\":true,\"timeout\":#"),
    CALL("rate", "\"function\":\"sleep\",\"args\":[0.#],\"hertz\":#,"
		 "\"max_runs\":#"),
    CALL("host", ""),
    CALL("host", "\"function\":\"h#\",\"parent\":#,\"scope\":\"wait\""),
    CALL("host", "\"parent\":#,\"timeout\":#,\"scope\":\"cancel\""),
    CALL("finish", TASK ",\"result\":#"),
    CALL("finish", TASK ",\"error\":{\"message\":\"no\"}"),
    CALL("provide", "\"functions\":[{\"name\":\"p\",\"summary\":\"s\"}]"),
    CALL("provide", "\"functions\":[]"),
    CALL("provide", "\"functions\":[{\"name\":\"p\",\"summary\":\"s\","
		    "\"arguments\":[{\"name\":\"a\",\"type\":\"number\"}]},"
		    "{\"name\":\"r\",\"summary\":\"s\"}]"),
    CALL("finish", TASK),
    CALL("finish", TASK ",\"error\":{\"message\":#,\"data\":{\"a\":#}}"),
    CALL("attach", TASK),
    CALL("send", TASK ",\"body\":#"),
    CALL("call", TASK ",\"body\":#"),
    CALL("call", TASK ",\"body\":#,\"timeout\":#"),
    CALL("receive", ""),
    CALL("receive", TASK ",\"timeout\":#"),
    CALL("reply", "\"call\":#,\"result\":#"),
    CALL("reply", "\"call\":#,\"error\":{\"message\":\"no\"}"),
    CALL("subscribe", ""),
    CALL("subscribe", TASK),
    CALL("subscribe", "\"what\":[\"output\",\"failed\"],\"name\":\"a*\""),
    CALL("unsubscribe", ""),
    CALL("spawn", "\"function\":\"exec\",\"args\":[\"o#\",\"e#\"]"),
    CALL("loop", "\"function\":\"exec\",\"args\":[\"o\",\"e\"],"
		 "\"max_runs\":#"),
    CALL("spawn", "\"function\":\"sleep\",\"args\":[#],\"pool\":\"p\","
		  "\"weight\":#"),
    CALL("spawn", "\"function\":\"echo\",\"after\":[#,#]"),
    CALL("spawn", "\"function\":\"echo\",\"after_ok\":[#],\"pool\":\"p\""),
    CALL("pool", "\"name\":\"p\",\"size\":#"),
    CALL("spawn", "\"function\":\"p\",\"args\":[#],\"parent\":#"),
    CALL("interval", "\"function\":\"p\",\"seconds\":#,\"max_runs\":#"),
    CALL("cancel", TASK ",\"grace\":#"),
    "{\"jsonrpc\":\"2.0\",\"id\":\"d#\",\"result\":{\"line\":#}}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":\"d#\",\"result\":#}\n",
    "{\"jsonrpc\":\"2.0\",\"id\":\"d#\",\"error\":{\"code\":#,"
    "\"message\":\"no\"}}\n",
    CALL("join", TASK),
    CALL("join", TASK ",\"timeout\":#"),
    CALL("join", "\"tasks\":[#,#,#]"),
    CALL("join", "\"tasks\":[#,#],\"mode\":\"any\",\"timeout\":#"),
    CALL("sleep", "\"seconds\":#"),
    CALL("cancel", TASK),
    CALL("cancel", TASK ",\"only\":true,\"reason\":\"r\""),
    CALL("cancel", "\"tasks\":[#,#]"),
    CALL("pause", TASK),
    CALL("pause", TASK ",\"only\":true"),
    CALL("resume", TASK),
    CALL("resume", TASK ",\"only\":true"),
    CALL("forget", TASK),
    CALL("rerun", TASK),
    CALL("show", TASK),
    CALL("children", TASK),
    CALL("tree", TASK ",\"limit\":1"),
    CALL("tree", "\"limit\":1,\"after\":#"),
    CALL("list", "\"limit\":#"),
    CALL("list", "\"limit\":1,\"after\":#"),
    CALL("output", TASK ",\"after\":#,\"limit\":#"),
    CALL("output", TASK ",\"follow\":true"),
    CALL("output", TASK ",\"after\":#,\"follow\":true,"
			"\"stream\":\"stdout\""),
    CALL("output", TASK ",\"follow\":true,\"encoding\":\"base64\""),
    CALL("output", TASK ",\"follow\":true,\"stream\":\"stderr\""),
    CALL("interval", "\"function\":\"print\",\"args\":[\"p\",#],"
		     "\"seconds\":#,\"max_runs\":#"),
    CALL("functions", ""),
    CALL("stats", ""),
    "@0\n",
    "@1\n",
    "@2\n",
    "@+#\n",
    "@+#\n",
    "@+.#\n",
    "@+#0\n",
    "@~#\n",
    "@&\n",
    "@^\n",
    "@.\n",
    "@-\n",
    "@=\n",
    "@/\n",
    "@x\n",
    "@!\n",
};

const size_t mutate_line_count = sizeof mutate_lines / sizeof mutate_lines[0];
