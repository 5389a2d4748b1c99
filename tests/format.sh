#!/bin/sh
# The sources are formatted as .clang-format says.
set -u
cd "${top_srcdir:-.}" || exit 99
if ! command -v clang-format >/dev/null; then
	echo "SKIP: no clang-format" >&2
	exit 77
fi
find proto daemon client tests -name '*.[ch]' -exec \
    clang-format --dry-run -Werror {} +
