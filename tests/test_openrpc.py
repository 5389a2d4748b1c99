#!/usr/bin/env python3
"""rpc.discover: the document is valid OpenRPC, the daemon takes and refuses
what its schemas do, and gives what they say."""

import json
import os
import subprocess
import sys
import unittest

import npm
from daemon import WRAPPER, DaemonTest, RpcError

try:
    import jsonschema
except ImportError:
    # Debian's package is for Debian's Python.
    if os.path.realpath(sys.executable) != os.path.realpath("/usr/bin/python3"):
        try:
            os.execv("/usr/bin/python3", ["python3", "-B", *sys.argv])
        except OSError:
            pass
    npm.skip("there is no jsonschema for Python: install python3-jsonschema")

READ_META_SCHEMAS = """
const [openrpc, schema] = process.argv.slice(1).map(path => require(path));
console.log(JSON.stringify({openrpc: openrpc.openrpcDocument,
                            schema: schema.default || schema}));
"""

MODULES = npm.modules()

# Of reals none is whole: to JSON Schema 1.0 is an integer, to jansson it is
# not.
NUMBERS = [0, 1, -1, 2, 1.5, -0.5, 1e-9, 1e-300, 4, 255, 10000, 10001,
           2**20, 2**20 + 1, 10**6, 10**6 + 1, 10**9, 10**9 + 1, 1e9 + 0.5,
           2**63 - 1, -2**63]
STRINGS = ["", "x", "1", "12", "1x", "-1", "all", "any", "detach", "wait",
           "cancel", "Wait", "done", "paused", "a b", "a\tb", "\x1b", "\x7f",
           "a\x80", "é", "x" * 255, "x" * 256, "a\0b", "\0"]
OTHERS = [None, True, False, [], [1], ["x"], [1, "x"], [None], [1.5], [[1]],
          [{}], {}, {"x": 1}]


TOOLS = "https://meta.json-schema.tools"


def moved(schema, move):
    """The same with other references."""
    if isinstance(schema, list):
        return [moved(one, move) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: move(value) if key == "$ref" and isinstance(value, str)
            else moved(value, move) for key, value in schema.items()}


def joined(openrpc, schema):
    """OpenRPC's meta-schema with that of JSON Schema, which it refers to by
    address, among its definitions."""
    inside = moved(schema, lambda ref: ref.replace("#", "#/definitions/tools"))
    whole = moved(openrpc, lambda ref: ref.replace(
        TOOLS + "/#", "#/definitions/tools").replace(
            TOOLS, "#/definitions/tools"))
    for one in (inside, whole):
        del one["$id"], one["$schema"]
    # jsonschema 4.10 takes a property of that name for an identifier.
    described = inside["definitions"]["JSONSchemaObject"]
    described["patternProperties"] = {
        r"^\$id$": described["properties"].pop("$id")}
    whole["definitions"]["tools"] = inside
    return whole


def node(script, *args):
    done = subprocess.run(["node", "-e", script, *args], capture_output=True,
                          check=True)
    return json.loads(done.stdout)


class OpenRpcTest(DaemonTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.watcher.call("rpc.discover")
        cls.methods = {one["name"]: one for one in cls.document["methods"]}

    def validator(self, schema):
        return jsonschema.Draft7Validator(
            {**schema, "components": self.document["components"]})

    def values_for(self, schema):
        """Also those next to each number and length in the schema."""
        numbers = [value for value in schema.values()
                   if type(value) in (int, float)]
        return [*NUMBERS, *STRINGS, *OTHERS, *schema.get("enum", ()),
                *numbers, *(value - 1 for value in numbers),
                *(value + 1 for value in numbers if value < 2**63 - 1)]

    def refusal(self, method, params):
        with self.assertRaises(RpcError) as caught:
            self.client.call(method, **params)
        self.assertEqual(caught.exception.code, -32602)
        return str(caught.exception)


class TestDocument(OpenRpcTest):
    def test_it_is_valid(self):
        folder = os.path.join(MODULES, "")
        meta = node(READ_META_SCHEMAS, folder + "@open-rpc/meta-schema",
                    folder + "@json-schema-tools/meta-schema")
        errors = jsonschema.Draft7Validator(
            joined(**meta)).iter_errors(self.document)
        self.assertEqual([(list(error.path), error.message[:200])
                          for error in errors], [])

    def test_its_schemas_are_valid(self):
        schemas = [*self.document["components"]["schemas"].values()]
        for method in self.methods.values():
            schemas.append(method["result"]["schema"])
            schemas += [param["schema"] for param in method["params"]]
        for schema in schemas:
            jsonschema.Draft7Validator.check_schema(schema)

    def test_it_tells_the_version(self):
        self.assertEqual(self.document["openrpc"][:3], "1.3")
        self.assertEqual(self.document["info"]["version"],
                         self.client.call("version")["version"])

    def test_each_method_and_param_is_described_once(self):
        self.assertEqual(len(self.methods), len(self.document["methods"]))
        for method in self.methods.values():
            self.assertTrue(method["summary"])
            self.assertEqual(method["paramStructure"], "by-name")
            names = [param["name"] for param in method["params"]]
            self.assertEqual(len(names), len(set(names)))
            for param in method["params"]:
                self.assertTrue(param["summary"], param)

    def test_what_the_daemon_offers_is_all_there(self):
        for method in self.methods:
            self.assertNotIn("Method not found",
                             self.refusal(method, {"nonsense": 1}))
        with self.assertRaises(RpcError) as caught:
            self.client.call("nonsense")
        self.assertEqual(caught.exception.code, -32601)


class TestParams(OpenRpcTest):
    """Params are checked in the order in which they are sent: what is taken
    is told by the one after it, which is unknown, so nothing is done."""

    def test_what_the_schema_takes_is_taken_and_no_more(self):
        for name, method in self.methods.items():
            for param in method["params"]:
                validator = self.validator(param["schema"])
                for value in self.values_for(param["schema"]):
                    want = "nonsense"
                    if not validator.is_valid(value):
                        want = f"{param['name']}: must be"
                    with self.subTest(name, param=param["name"],
                                      value=repr(value)[:60]):
                        got = self.refusal(name, {param["name"]: value,
                                                  "nonsense": 1})
                        self.assertTrue(got.startswith(want), got)

    def test_what_is_required_is_missed(self):
        given = {"function": "echo", "seconds": 0, "hertz": 1, "task": 1,
                 "body": 1, "call": 1, "result": 1}
        for name, method in self.methods.items():
            required = [param["name"] for param in method["params"]
                        if param.get("required")]
            for missing in required:
                got = self.refusal(name, {one: given[one] for one in required
                                          if one != missing})
                self.assertTrue(got.startswith(f"{missing}: missing"), got)


class TestResults(OpenRpcTest):
    def test_are_as_their_schemas_say(self):
        top = self.client.spawn("sleep", 1e9)
        ended = self.client.spawn("print", "x")
        failed = self.client.spawn("fail", "no")
        self.client.call("join", tasks=[ended, failed])
        recurring = {"function": "fail", "args": ["no"], "max_runs": 1}
        for method, params in (
                ("cancel", {"task": self.client.spawn("sleep", 1e9)}),
                ("children", {}), ("current", {}), ("functions", {}),
                ("interval", {**recurring, "seconds": 0}),
                ("join", {"task": ended}), ("join", {"tasks": [ended]}),
                ("later", {"function": "echo", "seconds": 0}),
                ("list", {}), ("loop", recurring), ("output", {"task": ended}),
                ("output", {"task": ended, "follow": True}),
                ("parent", {}), ("parent", {"task": 1}),
                ("pause", {"task": top}), ("list", {}),
                ("resume", {"task": top}), ("ping", {}),
                ("pool", {}), ("pool", {"name": "a"}),
                ("rate", {**recurring, "hertz": 1000}),
                ("rerun", {"task": ended}), ("show", {"task": 1}),
                ("show", {"task": top}), ("show", {"task": ended}),
                ("show", {"task": failed}), ("sleep", {"seconds": 0}),
                ("spawn", {"function": "echo"}), ("stats", {}),
                ("spawn", {"function": "echo", "pool": "a", "after": top,
                           "after_ok": [top], "run_timeout": 1,
                           "retry": {"times": 1}}), ("list", {}),
                ("subscribe", {}), ("unsubscribe", {}),
                ("tree", {}), ("tree", {"limit": 1}), ("version", {}),
                ("forget", {"task": ended}), ("rpc.discover", {}),
                ("host", {"name": "hosted by it"}),
                ("finish", {"task": "hosted by it", "result": 1}),
                ("provide", {"functions": [{"name": "provided by it",
                                            "summary": "x"}]}),
                ("functions", {}), ("provide", {"functions": []})):
            with self.subTest(method, **params):
                schema = self.methods[method]["result"]["schema"]
                self.validator(schema).validate(
                    self.client.call(method, **params))


class TestCost(DaemonTest):
    def nanoseconds(self, times):
        """What the daemon computes for it, each time."""
        before = self.computed()
        for _ in range(times):
            self.client.call("rpc.discover")
        return (self.computed() - before) / times

    def computed(self):
        with open(f"/proc/{self.daemon.pid}/schedstat",
                  encoding="ascii") as file:
            return int(file.read().split()[0])

    @unittest.skipIf(WRAPPER, "what it costs is the wrapper's")
    def test_it_is_made_once(self):
        """Who asks for it without end must not keep the others waiting."""
        first = self.nanoseconds(1)
        self.assertLess(self.nanoseconds(100), first / 3)


if __name__ == "__main__":
    unittest.main()
