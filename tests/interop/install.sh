#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make install` with DESTDIR and PREFIX, then what was installed alone: programs, the manual, a
# program built against headers, library and pkg-config file.
cd "$(dirname "$0")/../.." || exit 1
build=${CTI_BUILD:-build}
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
number=0 failed=0
result() { # status, name
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" || { echo "not ok $number - $2"; failed=1; }
}
root=$work/root
${MAKE:-make} -s --no-print-directory install BUILD="$build" DESTDIR="$root" PREFIX=/usr >"$work/log" 2>&1
result $? "make install"
sed 's/^/# /' "$work/log"

missing=0
for file in bin/cti-server bin/cti-sim bin/cti bin/csta lib/libcti.a lib/libcti.so lib/pkgconfig/libcti.pc \
	include/cti.h include/cti/client.h include/cti-adapter/adapter.h share/man/man1/cti.1 \
	lib/systemd/system/cti-server.service share/cti-server/cti-server.conf.example share/cti-server/vendors.conf \
	share/cti-server/schema/types.json share/cti-server/schema/DeliveredEvent.json share/cti-server/asyncapi.json; do
	[ -e "$root/usr/$file" ] || { echo "# $file is missing"; missing=1; }
done
result $missing "everything is where it belongs"
[ -z "$(find "$root" -path "$root/usr" -prune -o -type f -print)" ]
result $? "nothing is outside the prefix"
grep -rlF "$work" "$root/usr/lib/pkgconfig" "$root/usr/lib/systemd" >/dev/null
[ $? -eq 1 ]
result $? "no file names DESTDIR"
"$root/usr/bin/cti-server" --version >/dev/null && "$root/usr/bin/cti" --help >/dev/null && "$root/usr/bin/csta" --help >/dev/null
result $? "the programs run"

printf '#include <cti.h>\n#include <stdio.h>\nint main(void) { return puts(cti_strerror(CTI_E_BUSY)) < 0; }\n' >"$work/app.c"
export PKG_CONFIG_PATH="$root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
name="a program builds with pkg-config alone"
if nm -D "$build/libcti.so" | grep -q '__[at]san'; then
	number=$((number + 1))
	echo "ok $number - $name # SKIP libcti.so wants the sanitizer's runtime"
else
	gcc "$work/app.c" -o "$work/app" $(pkg-config --cflags --libs libcti) \
		&& LD_LIBRARY_PATH=$root/usr/lib "$work/app" | grep -q overloaded
	result $? "$name"
fi
echo "1..$number"
exit $failed
