"""The npm packages that tests use, installed once for each build folder."""

import fcntl
import os
import shutil
import subprocess
import sys

FOLDER = os.path.abspath(os.path.join(
    os.environ.get("top_builddir", "."), "tests", "npm"))
PACKAGES = ("@json-schema-tools/meta-schema@1.7.5",
            "@open-rpc/meta-schema@1.14.9", "jayson@4.2.0")

# No test waits longer for the network.
PATIENCE = 100


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def install(stamp):
    command = ["npm", "install", "--no-save", "--no-audit", "--no-fund",
               "--ignore-scripts", "--prefix", FOLDER, *PACKAGES]
    for _ in range(3):  # the network may fail now and then
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True,
                                  timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            why = f"took over {PATIENCE} s"
            continue
        if done.returncode == 0:
            break
        why = f"failed: {done.stderr.strip()}"
    else:
        skip(f"npm install {why}")
    with open(stamp, "w", encoding="utf-8") as out:
        out.write("\n".join(PACKAGES))


def is_installed(stamp):
    try:
        with open(stamp, encoding="utf-8") as text:
            return text.read() == "\n".join(PACKAGES)
    except FileNotFoundError:
        return False


def modules():
    """The folder of the installed modules. Where they cannot be had the test
    is skipped."""
    stamp = os.path.join(FOLDER, "installed")
    os.makedirs(FOLDER, exist_ok=True)
    # Tests run at once: the first installs, the others wait for it.
    with open(os.path.join(FOLDER, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(stamp):
            if shutil.which("npm") is None:
                skip("there is no npm")
            install(stamp)
    return os.path.join(FOLDER, "node_modules")
