# SPDX-License-Identifier: Apache-2.0
# One Makefile for the whole tree. `make help` lists the targets.
#
# A new .c file in a folder is picked up by itself:
#   csta/*.c                  -> libcsta.a        (with asn1/*.asn1 compiled by asn1c in its cellar)
#   sdk/*.c                   -> libcti.a, .so
#   pbx-adapters/host/*.c     -> libhost.a
#   pbx-adapters/<name>/*.c   -> libadapters.a    (main.c apart)
#   cti-server/**/*.c         -> libserver.a      (main.c apart)
#   tests/unit/*.c            -> one test program each
#   tests/*/*.c               -> see "Tests" below
.DEFAULT_GOAL := all
VERSION := 0.1.0
BUILD   ?= build
# Where the generated types are; the fuzzers share those of the build.
ASN1    ?= $(BUILD)
PREFIX  ?= /usr/local
DESTDIR ?=
SAN     ?=
V       ?=
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

PACKAGES := gcc make pkg-config asn1c libssl-dev libxml2-dev libxml2-utils libzmq3-dev libmosquitto-dev \
	mosquitto mosquitto-clients libevent-dev libconfig-dev libjansson-dev libsqlite3-dev libcmocka-dev
# What only the tests need beyond that.
TEST_PACKAGES := g++ clang-14 libclang-rt-14-dev python3-jsonschema python3-paho-mqtt python3-zmq erlang-base erlang-asn1 xxd

PKGS := libxml-2.0 libzmq libmosquitto libevent libevent_openssl libevent_pthreads libconfig jansson sqlite3 openssl
# Asked for once, and only where something is built (the packages may not be there yet).
ifeq ($(filter help install-packages install-test-packages clean,$(MAKECMDGOALS)),)
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS) 2>/dev/null))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS) 2>/dev/null))$(PKG_LIBS)
endif

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wvla -Werror
OPT     ?= -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer)
CFLAGS  ?=
BASE     = -std=c11 -D_GNU_SOURCE -fPIC $(OPT) $(SANFLAGS)
ALL_CFLAGS = $(BASE) $(WARN) -I. -Isdk/include -isystem $(ASN1)/asn1 $(PKG_CFLAGS) \
	-DCTI_VERSION='"$(VERSION)"' $(CFLAGS)
ALL_LDFLAGS = $(SANFLAGS) $(LDFLAGS)
LIBS     = $(PKG_LIBS) -lpthread -lm

obj = $(patsubst %.c,$(BUILD)/o/%.o,$(1))

CSTA_SRC    := $(wildcard csta/*.c)
SDK_SRC     := $(wildcard sdk/*.c)
HOST_SRC    := $(wildcard pbx-adapters/host/*.c)
ADAPTER_SRC := $(filter-out %/main.c $(HOST_SRC),$(wildcard pbx-adapters/*/*.c))
SERVER_SRC  := $(filter-out %/main.c,$(wildcard cti-server/*.c cti-server/*/*.c))
UNIT_SRC    := $(wildcard tests/unit/*.c)
EXAMPLE_SRC := $(wildcard examples/*.c)

LIB_ASN1   := $(ASN1)/libcsta-asn1.a
LIB_CSTA   := $(BUILD)/libcsta.a
LIB_CTI    := $(BUILD)/libcti.a
LIB_HOST   := $(BUILD)/libhost.a
LIB_ADAPT  := $(BUILD)/libadapters.a
LIB_SERVER := $(BUILD)/libserver.a
# In the order the linker wants: each looks only down.
LIBS_ALL   := $(LIB_SERVER) $(LIB_ADAPT) $(LIB_HOST) $(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)

PROGRAMS := $(BUILD)/cti-server $(BUILD)/cti-sim $(BUILD)/cti $(BUILD)/csta
EXAMPLES := $(patsubst examples/%.c,$(BUILD)/examples/%,$(EXAMPLE_SRC))
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SRC))

all: $(PROGRAMS) $(BUILD)/libcti.so $(EXAMPLES) ## Build everything

# ---- asn1: generated in the build folder, compiled without our warnings ----------------------
ASN1_MODULES := $(wildcard asn1/*.asn1)
# ASN_DEBUG evaluates its arguments even in release builds of asn1c 0.9.28: compiled away.
# It shifts negative numbers to the left (INTEGER.c): -fwrapv defines that.
ASN1_CFLAGS = -std=gnu11 -D_DEFAULT_SOURCE -w -fwrapv -fPIC $(OPT) $(SANFLAGS) '-DASN_DEBUG(...)=((void)0)'

$(ASN1)/asn1/.stamp: $(ASN1_MODULES)
	$(call say,ASN1C,$(words $(ASN1_MODULES)) modules)
	$(Q)rm -rf $(ASN1)/asn1 && mkdir -p $(ASN1)/asn1
	$(Q)cd $(ASN1)/asn1 && asn1c -fcompound-names $(abspath $(ASN1_MODULES)) >asn1c.log 2>&1 \
		|| { cat asn1c.log >&2; exit 1; }
	$(Q)rm -f $(ASN1)/asn1/converter-sample.c && touch $@

$(LIB_ASN1): $(ASN1)/asn1/.stamp Makefile
	$(call say,CC,generated types)
	$(Q)cd $(ASN1)/asn1 && ls *.c | xargs -P $$(nproc) -n 12 $(CC) $(ASN1_CFLAGS) -I. -c
	$(Q)rm -f $@ && ar rcs $@ $(ASN1)/asn1/*.o

# ---- libraries -------------------------------------------------------------------------------
$(BUILD)/o/%.o: %.c | $(ASN1)/asn1/.stamp
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MD -MP -c $< -o $@

define archive
$(1): $(call obj,$(2))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
endef
$(eval $(call archive,$(LIB_CSTA),$(CSTA_SRC)))
$(eval $(call archive,$(LIB_CTI),$(SDK_SRC)))
$(eval $(call archive,$(LIB_HOST),$(HOST_SRC)))
$(eval $(call archive,$(LIB_ADAPT),$(ADAPTER_SRC)))
$(eval $(call archive,$(LIB_SERVER),$(SERVER_SRC)))

$(BUILD)/libcti.so: $(call obj,$(SDK_SRC)) sdk/libcti.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libcti.so.0 -Wl,--version-script=sdk/libcti.map -Wl,--no-undefined \
		$(ALL_LDFLAGS) -o $@ $(call obj,$(SDK_SRC)) $(shell pkg-config --libs libzmq jansson) -lpthread
	$(Q)ln -sf libcti.so $(BUILD)/libcti.so.0

# ---- programs --------------------------------------------------------------------------------
define program
$(1): $(call obj,$(2)) $(3)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CC) $$(ALL_LDFLAGS) -rdynamic -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LIBS)
endef
$(eval $(call program,$(BUILD)/cti-server,cti-server/main.c,$(LIBS_ALL)))
$(eval $(call program,$(BUILD)/cti-sim,pbx-adapters/simulator/main.c,$(LIB_ADAPT) $(LIB_HOST) $(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
$(eval $(call program,$(BUILD)/cti,$(wildcard sdk/cli/*.c),$(LIB_CTI)))
$(eval $(call program,$(BUILD)/csta,$(wildcard csta/tool/*.c),$(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
$(foreach e,$(EXAMPLE_SRC),$(eval $(call program,$(BUILD)/examples/$(basename $(notdir $(e))),$(e),$(LIB_CTI))))

comma := ,

# ---- tests -----------------------------------------------------------------------------------
# Every file of tests/unit is a program, linked with all of tests/support; a folder beside it is one
# program of all its files.
TEST_SUPPORT_SRC := $(wildcard tests/support/*.c)
$(foreach t,$(UNIT_SRC),$(eval $(call program,$(BUILD)/tests/$(basename $(notdir $(t))),$(t) $(TEST_SUPPORT_SRC),$(LIBS_ALL))))
$(UNIT) $(BUILD)/tests/%: LIBS += -lcmocka
# tests/support/nomem.c makes them fail.
$(UNIT): LDFLAGS += $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc strdup strndup)
TEST_SUITES := $(foreach d,flows captures hostile,$(if $(wildcard tests/$(d)/*.c),$(d)))
# The hostile suite plays flows meanwhile.
SUITE_SRC = $(wildcard tests/$(1)/*.c) $(if $(filter hostile,$(1)),$(filter-out %/main.c,$(wildcard tests/flows/*.c)))
$(foreach d,$(TEST_SUITES),$(eval $(call program,$(BUILD)/tests/$(d),$(call SUITE_SRC,$(d)),$(LIBS_ALL))))
$(eval $(call program,$(BUILD)/tests/bench,$(wildcard tests/bench/*.c),$(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
$(eval $(call program,$(BUILD)/tests/codec,$(wildcard tests/bench/codec/*.c),$(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
# What the scripts of interop ask of libcsta.
INTEROP := $(BUILD)/tests/interop
$(eval $(call program,$(INTEROP),$(wildcard tests/interop/*.c) tests/support/generate.c,$(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
# The fuzzers: with a driver of their own, and (built by clang, see `make fuzz`) with libFuzzer.
FUZZ_SRC := $(filter-out %/main.c %/libfuzzer.c,$(wildcard tests/fuzz/*.c)) tests/support/generate.c
$(eval $(call program,$(BUILD)/tests/fuzz,$(FUZZ_SRC) tests/fuzz/main.c,$(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
$(eval $(call program,$(BUILD)/tests/libfuzzer,$(FUZZ_SRC) tests/fuzz/libfuzzer.c,$(LIB_CSTA) $(LIB_ASN1) $(LIB_CTI)))
$(BUILD)/tests/libfuzzer: LDFLAGS += -fsanitize=fuzzer
# tests/fuzz/asn1c.c has them fail.
$(BUILD)/tests/fuzz $(BUILD)/tests/libfuzzer: LDFLAGS += $(addprefix -Wl$(comma)--wrap=,ber_check_tags ber_fetch_tag der_write_tags)
FUZZ_CC ?= clang-14
# clang counts NULL + 0 as an overflow of pointers, which the next C defines.
fuzzers: $(BUILD)/tests/fuzz
	@! command -v $(lastword $(FUZZ_CC)) >/dev/null || $(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz ASN1=$(BUILD) \
		CC="$(FUZZ_CC)" SAN=address,undefined,fuzzer-no-link OPT="-O1 -g" WARN=-w \
		CFLAGS=-fno-sanitize=pointer-overflow $(BUILD)-fuzz/tests/libfuzzer
SUITES := $(addprefix $(BUILD)/tests/,$(TEST_SUITES) fuzz)
tests: all $(UNIT) $(SUITES) $(INTEROP) $(if $(SAN),,fuzzers) ## Build the tests

-include $(shell find $(BUILD)/o -name '*.d' 2>/dev/null)

export CTI_BUILD := $(BUILD)
SCRIPTS := $(wildcard tests/interop/*.sh tests/player/*.sh examples/*.test.sh)

.PHONY: all tests test run-tests demo install install-packages install-test-packages check-asan check-tsan \
	check-valgrind bench fuzz fuzzers generated lint format clean help

install-packages:
	@.ci/install $(PACKAGES)
install-test-packages:
	@.ci/install $(PACKAGES) $(TEST_PACKAGES)

# A second make, so that what was just installed is seen when it starts.
test: install-test-packages ## Install what is missing, build, run every test
	@$(MAKE) --no-print-directory -j$$(nproc) tests
	@$(MAKE) --no-print-directory run-tests

run-tests:
	@tests/run -l $(BUILD)/tests/logs $(UNIT) $(SUITES) $(SCRIPTS) $(if $(SAN),,tests/fuzz/libfuzzer.sh)

demo: install-packages ## See it work: a switch, a call centre, screen pops (DEMO_S=20 ends by itself)
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@BUILD=$(BUILD) DEMO_S=$(DEMO_S) examples/demo

SAN_ENV := ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1:suppressions=$(CURDIR)/tests/tsan.supp
check-asan: install-test-packages ## The tests under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)-asan SAN=address,undefined OPT="-O1 -g" tests
	@$(SAN_ENV) $(MAKE) --no-print-directory BUILD=$(BUILD)-asan SAN=address,undefined run-tests

TSAN_TESTS := test_log test_bus test_zmq test_mqtt test_client test_threads
check-tsan: install-test-packages ## What has threads, under ThreadSanitizer
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(BUILD)-tsan SAN=thread OPT="-O1 -g" \
		$(addprefix $(BUILD)-tsan/tests/,$(TSAN_TESTS))
	@$(SAN_ENV) tests/run $(addprefix $(BUILD)-tsan/tests/,$(TSAN_TESTS))

FUZZ_S ?= 60
fuzz: install-test-packages ## Run the fuzzers, FUZZ_S=60 seconds each; what fails stays in tests/fuzz/regressions
	@$(MAKE) --no-print-directory -j$$(nproc) fuzzers
	@tests/fuzz/run $(FUZZ_S)

check-valgrind: tests ## The unit tests under valgrind
	@.ci/install valgrind
	@for t in $(UNIT); do valgrind -q --leak-check=full --error-exitcode=9 $$t >/dev/null || exit 1; done

bench: install-test-packages ## Measure, beside a bare relay and the bridge one would write (tests/bench)
	@.ci/install valgrind
	@$(MAKE) --no-print-directory -j$$(nproc) all $(BUILD)/tests/bench $(BUILD)/tests/codec
	@BUILD=$(BUILD) tests/bench/codec/run
	@BUILD=$(BUILD) tests/bench/run

# ---- install ---------------------------------------------------------------------------------
INCLUDES := $(wildcard sdk/include/cti/*.h)
install: all ## Install below $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/cti \
		$(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/cti-server/schema \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/include/cti-adapter
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(INCLUDES) $(DESTDIR)$(PREFIX)/include/cti
	install -m 644 sdk/include/cti.h $(DESTDIR)$(PREFIX)/include
	install -m 644 pbx-adapters/adapter.h $(DESTDIR)$(PREFIX)/include/cti-adapter
	install -m 644 $(LIB_CTI) $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(BUILD)/libcti.so $(DESTDIR)$(PREFIX)/lib/libcti.so.$(VERSION)
	ln -sf libcti.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/libcti.so.0
	ln -sf libcti.so.0 $(DESTDIR)$(PREFIX)/lib/libcti.so
	sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@VERSION@,$(VERSION),' sdk/libcti.pc.in \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/libcti.pc
	sed -e 's,@PREFIX@,$(PREFIX),' cti-server/cti-server.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/cti-server.service
	install -m 644 cti-server/cti-server.conf.example pbx-adapters/csta/vendors.conf \
		$(DESTDIR)$(PREFIX)/share/cti-server
	$(BUILD)/csta schema --all $(DESTDIR)$(PREFIX)/share/cti-server/schema
	$(BUILD)/cti asyncapi >$(DESTDIR)$(PREFIX)/share/cti-server/asyncapi.json
	$(if $(wildcard sdk/man/*.1),install -m 644 $(wildcard sdk/man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1)

# ---- care --------------------------------------------------------------------------------------
SOURCES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
generated: $(BUILD)/csta ## Write anew the tables in README files that are made by a command
	@BUILD=$(BUILD) .ci/generated csta/README.md
format: ## Lay the sources out by .clang-format
	@clang-format -i $(SOURCES)
lint: ## Layout and static checks
	@clang-format --dry-run -Werror $(SOURCES)
	@cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,portability \
		-I. -Isdk/include --suppress=missingIncludeSystem \
		--include=/usr/include/$$($(CC) -print-multiarch)/sys/queue.h $(filter %.c,$(SOURCES))
clean: ## Remove what was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-tsan $(BUILD)-fuzz

help: ## This list
	@echo 'make demo   shows it working; make test   proves it. All targets:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo 'Settings: V=1 (show commands), BUILD=dir, SAN=address,undefined, PREFIX, DESTDIR, CSTA_REFERENCE=dir'
