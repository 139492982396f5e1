# Weir
#   make                 the programs into build/bin, the library into build/libweir.a
#   make check           the guards, the unit tests and the tests of the programs, on what is built
#   make install PREFIX=/usr/local DESTDIR= PROGRAM_PREFIX=    (and uninstall with the same)
#   make asan | tsan     the tests under sanitizers; make valgrind: the programs and unit tests under valgrind
#   make faults          every fault that tests/faults can make; it takes long, and says how long
#   make coverage        which lines the tests reach, room by room
#   make fuzz SECONDS=60 every fuzz target for so long (clang); make fuzz-replay: their corpora
#   make bench           speed beside the peers that `make bench-peers` brings
#   make packages        what Debian packages it takes (make packages GROUPS='build test fuzz')
# `sh tests/run.sh` is the whole test run. Sources are found by folder: a new file needs no line here.
VERSION = 0.1.0
PREFIX = /usr/local
DESTDIR =
PROGRAM_PREFIX =
BUILD = build

CC = gcc
CLANG = clang-14
OPTIMIZE = -O3
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
# gcc sees ghosts where a sanitizer's own code stands between.
WARNINGS += $(if $(SANITIZE),-Wno-unknown-warning-option -Wno-maybe-uninitialized)
SANITIZE =
CFLAGS = -g $(OPTIMIZE) $(SANITIZE)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' -Ilib $(WARNINGS) $(CFLAGS) \
	-fno-math-errno -ffp-contract=off -pthread
# Everything is offered to every program; --as-needed keeps what it uses.
LDFLAGS = -Wl,--as-needed
LIBRARIES = -larchive -ljpeg -lpng -ljansson -lz -lzstd -llz4 -lxxhash -lutf8proc -ldnnl -lgomp -lsqlite3 -lpcre2-8 -ldl -lpthread -lm

PROGRAMS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
OBJECTS := $(patsubst %.c,$(BUILD)/object/%.o,$(wildcard lib/*/*.c))
UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
FUZZERS := $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))

all: programs $(BUILD)/libweir.a
programs: $(PROGRAMS:%=$(BUILD)/bin/%)
units: $(UNITS:%=$(BUILD)/unit/%) $(BUILD)/faults/shim.so
fuzzers: $(FUZZERS:%=$(BUILD)/fuzz/%)

# What is done is said in a word; V=1 shows the whole commands, make -s nothing.
QUIET = $(if $(V),,@)
SAY = @$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),:,echo)

# Banned calls do not compile in lib and cmd.
$(BUILD)/object/lib/%.o $(BUILD)/object/cmd/%.o: ALL_CFLAGS += -include base/banned.h
# weir lists the programs, in the order of their names.
$(BUILD)/object/cmd/weir.o: ALL_CFLAGS += -DWEIR_PROGRAMS='"$(sort $(filter-out weir,$(PROGRAMS)))"'
$(BUILD)/object/cmd/weir.o: $(wildcard cmd/*.c)
$(BUILD)/object/%.o: %.c Makefile | $(BUILD)/dependencies
	@mkdir -p $(@D)
	$(SAY) "cc   $<"
	$(QUIET)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libweir.a: $(OBJECTS)
	@rm -f $@
	$(SAY) "ar   $@"
	$(QUIET)ar rcs $@ $^

define LINK
@mkdir -p $(@D)
$(SAY) "link $@"
$(QUIET)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)
endef
$(BUILD)/bin/%: $(BUILD)/object/cmd/%.o $(BUILD)/libweir.a
	$(LINK)
$(BUILD)/unit/%: $(BUILD)/object/tests/unit/%.o $(BUILD)/libweir.a
	$(LINK)
$(BUILD)/bench/%: $(BUILD)/object/tests/bench/%.o $(BUILD)/libweir.a
	$(LINK)
# A fuzz target with a main that replays files; `make fuzz` puts libFuzzer's in its place.
FUZZ_MAIN = $(BUILD)/object/tests/fuzz/replay.o
$(BUILD)/fuzz/%: $(BUILD)/object/tests/fuzz/%.o $(FUZZ_MAIN) $(BUILD)/libweir.a
	$(LINK)

# What tests/faults preloads into the programs; never sanitized itself.
$(BUILD)/faults/shim.so: tests/faults/shim.c Makefile
	@mkdir -p $(@D)
	$(SAY) "link $@"
	$(QUIET)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -g -O1 -shared -fPIC -o $@ $< -ldl

$(BUILD)/dependencies:
	@CC="$(CC)" sh tests/packages.sh --check build
	@mkdir -p $(@D) && touch $@
GROUPS = build test fuzz quickstart
packages:
	@sh tests/packages.sh --list $(GROUPS)

# --- tests ---
check: all units
	@sh tests/run.sh check

ASAN = BUILD=build-asan OPTIMIZE=-O1 \
	SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
build-asan:
	@$(MAKE) $(ASAN) all units fuzzers
asan: build-asan
	@sh tests/run.sh sanitized build-asan
tsan:
	@$(MAKE) BUILD=build-tsan OPTIMIZE=-O1 SANITIZE=-fsanitize=thread all units
	@sh tests/run.sh sanitized build-tsan
valgrind: all units
	@sh tests/run.sh valgrind
coverage:
	@$(MAKE) BUILD=build-coverage OPTIMIZE=-O0 SANITIZE=--coverage all units
	@sh tests/run.sh sanitized build-coverage >build-coverage/tests.log; tail -n 1 build-coverage/tests.log
	@sh tests/coverage.sh build-coverage

# The long campaigns; tests/faults.bats runs a few of each in every test run.
faults: all units
	@began=$$(date +%s); for script in $(filter-out %/lib.sh,$(wildcard tests/faults/*.sh)); do \
		echo "== $$script"; sh $$script || failed=1; done; \
		echo '== tests/faults.bats'; bats --tap tests/faults.bats || failed=1; \
		echo "faults: $$((($$(date +%s) - began) / 60)) minutes, $$([ -z "$$failed" ] && echo all checks hold || echo not all checks hold)"; \
		[ -z "$$failed" ]

SECONDS = 60
fuzz:
	@CC="$(CLANG)" sh tests/packages.sh --check fuzz
	@$(MAKE) BUILD=build-fuzz CC="$(CLANG)" OPTIMIZE=-O1 FUZZ_MAIN= LDFLAGS='$(LDFLAGS) -fsanitize=fuzzer' \
		SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all' fuzzers
	@for target in $(FUZZERS); do mkdir -p build-fuzz/corpus/$$target tests/fuzz/corpus/$$target; \
		words=; [ ! -e tests/fuzz/$$target.dict ] || words=-dict=../tests/fuzz/$$target.dict; \
		echo "== $$target"; (cd build-fuzz && fuzz/$$target -max_total_time=$(SECONDS) -print_final_stats=1 -verbosity=0 \
			-timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 $$words \
			corpus/$$target ../tests/fuzz/corpus/$$target) || exit 1; done
fuzz-replay: build-asan
	@sh tests/run.sh fuzz build-asan

# What measures and what makes the inputs; `make bench CASES='load pass'` runs some cases, and leaves RESULTS.md alone.
CASES =
bench: all $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
	@sh tests/bench/run.sh $(CASES)
bench-peers:
	@sh tests/peers.sh all

# --- installation: build/stage holds what is copied to PREFIX, and what uninstall removes ---
STAGE = $(BUILD)/stage
NAMES = $(shell echo $(filter-out weir,$(PROGRAMS)) | tr ' ' '|')
# A prefix changes the names in the pages too: their own, and those that they refer to.
RENAME = s/\b(Nm|Xr) ($(NAMES))\b/\1 $(PROGRAM_PREFIX)\2/g
stage: all
	@rm -rf $(STAGE)
	@mkdir -p $(STAGE)/bin $(STAGE)/lib/pkgconfig $(STAGE)/include/weir $(STAGE)/share/bash-completion/completions
	@for name in $(PROGRAMS); do cp $(BUILD)/bin/$$name $(STAGE)/bin/$(call prefixed,$$name); done
	@for page in man/*.[1-8]; do name=$${page#man/}; folder=$(STAGE)/share/man/man$${page##*.}; mkdir -p $$folder; \
		case $$name in *.1) name=$(call prefixed,$$name) ;; esac; \
		sed -E '$(if $(PROGRAM_PREFIX),$(RENAME))' $$page >$$folder/$$name; done
	@for header in $$(cd lib && echo */*.h); do \
		case $$header in base/banned.h | *_private.h | */internal.h) continue ;; esac; \
		mkdir -p $(STAGE)/include/weir/$${header%/*}; cp lib/$$header $(STAGE)/include/weir/$$header; done
	@cp $(BUILD)/libweir.a $(STAGE)/lib/
	@printf '%s\n' 'prefix=$(PREFIX)' 'Name: Weir' 'Description: machine learning as Unix filters' \
		'Version: $(VERSION)' 'Cflags: -I$${prefix}/include/weir -pthread' \
		'Libs: -L$${prefix}/lib -lweir $(LDFLAGS) $(LIBRARIES)' >$(STAGE)/lib/pkgconfig/weir.pc
	@$(STAGE)/bin/weir --completion bash >$(STAGE)/share/bash-completion/completions/weir
	@cd $(STAGE)/share/bash-completion/completions && \
		for name in $(filter-out weir,$(PROGRAMS)); do ln -s weir $(call prefixed,$$name); done
# weir keeps its name, so that `weir clean` finds the programs whatever they are called
prefixed = $$(case $1 in weir|weir.*) echo $1 ;; *) echo $(PROGRAM_PREFIX)$1 ;; esac)

install: stage
	mkdir -p $(DESTDIR)$(PREFIX)
	cp -R -P $(STAGE)/. $(DESTDIR)$(PREFIX)/
uninstall: stage
	cd $(STAGE) && find . ! -type d | while read -r file; do rm -f "$(DESTDIR)$(PREFIX)/$$file"; done
	-find $(DESTDIR)$(PREFIX)/include/weir -depth -type d -exec rmdir {} +

clean:
	rm -rf build build-asan build-tsan build-fuzz build-coverage

-include $(shell find $(BUILD)/object -name '*.d' 2>/dev/null)
.PHONY: all programs units fuzzers packages check asan build-asan tsan valgrind coverage faults fuzz fuzz-replay bench \
	bench-peers stage install uninstall clean
.SECONDARY:
