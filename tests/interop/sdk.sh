#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libcti as an application finds it: headers that C and C++ take on their own, exactly the symbols
# of the list, and nothing else.
cd "$(dirname "$0")/../.." || exit 1
build=${CTI_BUILD:-build}
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
number=0 failed=0
result() { # status, name
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" || { echo "not ok $number - $2"; failed=1; }
}
skip() { number=$((number + 1)); echo "ok $number - $1 # SKIP $2"; }

for header in sdk/include/cti.h sdk/include/cti/*.h; do
	name=${header#sdk/include/}
	printf '#include <%s>\n' "$name" >"$work/one.c"
	gcc -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -Isdk/include "$work/one.c"
	result $? "$name is C11 on its own"
	if command -v g++ >/dev/null; then
		g++ -xc++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -Isdk/include "$work/one.c"
		result $? "$name is C++11 on its own"
	else
		skip "$name is C++11 on its own" "no g++"
	fi
done

sed -n 's/^[[:space:]]*\(cti_[a-z_]*\);$/\1/p' sdk/libcti.map | sort >"$work/listed"
nm -D --defined-only "$build/libcti.so" | awk '$2 == "T" || $2 == "D" || $2 == "B" || $2 == "R" {
	sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
diff "$work/listed" "$work/exported"
result $? "libcti.so exports what libcti.map lists"
cat sdk/include/cti/*.h | sed 's,/\*.*\*/,,; /^ \*/d; /^	\*/d; /^#/d' | grep -ohE '\bcti_[a-z_]+\(' | tr -d '(' |
	sort -u >"$work/declared"
grep -vxF -f "$work/declared" "$work/listed" >"$work/undeclared"
[ ! -s "$work/undeclared" ]
result $? "every listed symbol is declared in a public header"
grep -vxF -f "$work/listed" "$work/declared" | grep -vxE 'cti_(replied|subscribed)' >"$work/unlisted"
[ ! -s "$work/unlisted" ]
result $? "every declared function is listed"
cat "$work/undeclared" "$work/unlisted" | sed 's/^/# /'

cat >"$work/app.c" <<'END'
#include <cti.h>
#include <stdio.h>
int main(void)
{
	struct cti_client *client;
	struct cti_client_options options = {.endpoint = "tcp://127.0.0.1:1"};
	if (cti_client_create(&client, &options, NULL))
		return 1;
	puts(cti_client_state_name(cti_client_state(client)));
	cti_client_destroy(&client);
	return client != NULL;
}
END
if nm -D "$build/libcti.so" | grep -q __asan; then
	skip "a program links to libcti.so alone" "libcti.so wants the sanitizer's runtime"
else
	gcc -Isdk/include "$work/app.c" -L"$build" -lcti -Wl,-rpath,"$(realpath "$build")" \
		-o "$work/app" && [ "$("$work/app")" = idle ]
	result $? "a program links to libcti.so alone"
fi
echo "1..$number"
exit $failed
