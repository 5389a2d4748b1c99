#!/usr/bin/env python3
"""Clients that know JSON-RPC and nothing of us: npm's jayson over the Unix
socket, and socat with jq in a shell script."""

import os
import shutil
import subprocess
import unittest

import npm
from daemon import DaemonTest

for tool in ("node", "socat", "jq"):
    if shutil.which(tool) is None:
        npm.skip(f"there is no {tool}")

MODULES = npm.modules()

JAYSON = r"""
const assert = require("assert");
const jayson = require(process.argv[1]);
const client = jayson.Client.tcp({path: process.argv[2]});

const call = (method, params) => new Promise((resolve, reject) =>
    client.request(method, params,
                   (fault, error, result) => fault ? reject(fault)
                                           : resolve({error, result})));

(async () => {
    assert.equal((await call("ping", {})).result, "pong");
    const task = (await call("spawn", {function: "sum",
                                       args: [1, 2, 3]})).result;
    assert.equal(task.name, "sum");
    assert.equal((await call("join", {task: task.id})).result, 6);

    const failed = (await call("spawn", {function: "fail",
                                         args: ["wh\u00fd"]})).result;
    const {error} = await call("join", {task: failed.id});
    assert.equal(error.code, 1);
    assert.equal(error.data.type, "JoinError");
    assert.equal(error.data.cause.message, "wh\u00fd");
    assert.equal((await call("nonsense", {})).error.code, -32601);
    assert.equal((await call("show", {tusk: 1})).error.code, -32602);

    const late = (await call("later", {function: "echo", args: ["x"],
                                       seconds: 0.05})).result;
    assert.deepEqual((await call("join", {task: late.id})).result, ["x"]);

    const batch = [client.request("ping", {}, undefined, false),
                   client.request("sleep", {seconds: 0.01}, undefined, false),
                   client.request("nonsense", {}, undefined, false)];
    const replies = await new Promise((resolve, reject) =>
        client.request(batch, (fault, all) => fault ? reject(fault)
                                                    : resolve(all)));
    const reply = i => replies.find(one => one.id === batch[i].id);
    assert.equal(reply(0).result, "pong");
    assert.strictEqual(reply(1).result, null);
    assert.equal(reply(2).error.code, -32601);
})().then(() => console.log("as it should be"));
"""

SHELL = r"""
set -eu
socket=$1

call() { # method, params: the whole reply
	jq -cn --arg method "$1" --argjson params "$2" \
	    '{jsonrpc: "2.0", id: 1, $method, $params}' |
	    socat -t 30 - "UNIX-CONNECT:$socket"
}

[ "$(call ping '{}' | jq -r .result)" = pong ]
id=$(call spawn '{"function": "sum", "args": [40, 2]}' | jq .result.id)
[ "$(call join "{\"task\": $id}" | jq .result)" = 42 ]
id=$(call spawn '{"function": "fail", "args": ["why"]}' | jq .result.id)
[ "$(call join "{\"task\": $id}" | jq -r .error.data.cause.message)" = why ]

# A task outlives the connection that spawned it: the root adopts it.
id=$(call spawn '{"function": "sleep", "args": [1000], "name": "night"}' |
    jq .result.id)
[ "$(call cancel '{"task": "night"}' | jq .result.cancelled[0])" = "$id" ]
[ "$(call show "{\"task\": $id}" | jq -r .result.state)" = cancelled ]

# Several requests down one pipe, each reply with its id.
replies=$(jq -cn 'range(5) | {jsonrpc: "2.0", id: ., method: "ping"}' |
    socat -t 30 - "UNIX-CONNECT:$socket")
[ "$(echo "$replies" | jq -s 'map(.id) | sort == [range(5)]')" = true ]
[ "$(call rpc.discover '{}' | jq -r '.result.methods[0].name')" = attach ]
echo as it should be
"""


class TestStockClients(DaemonTest):
    def assert_runs(self, *command):
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=100, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "as it should be\n", ""))

    def test_jayson(self):
        self.assert_runs("node", "-e", JAYSON,
                         os.path.join(MODULES, "jayson"), self.daemon.path)

    def test_socat_and_jq(self):
        self.assert_runs("sh", "-c", SHELL, "sh", self.daemon.path)


if __name__ == "__main__":
    unittest.main()
