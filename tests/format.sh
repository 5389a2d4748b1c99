#!/bin/sh
# All of our C is formatted as .clang-format says. What one version of
# clang-format accepts another may not: CI's is the one that counts.
set -u
wanted=14 # Debian 12's
cd "${top_srcdir:-.}" || exit 99

for tool in "clang-format-$wanted" clang-format; do
	command -v "$tool" >/dev/null 2>&1 || continue
	case $("$tool" --version) in
	*"version $wanted."*) break ;;
	esac
	tool=
done
if ! command -v "${tool:-none}" >/dev/null 2>&1; then
	echo "SKIP: no clang-format $wanted"
	exit 77
fi
find proto daemon client tests -name '*.[ch]' ! -name prelude_text.c \
    -exec "$tool" --dry-run -Werror --ferror-limit=10 {} +
