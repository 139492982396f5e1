# Weir: make, make check, make install PREFIX= DESTDIR= PROGRAM_PREFIX=
PREFIX = /usr/local
DESTDIR =
PROGRAM_PREFIX =
VERSION = 0.1.0
BUILD = build

CC = gcc
OPTIMIZE = -O3
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
SANITIZE =
CFLAGS = -g $(OPTIMIZE) $(SANITIZE)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DWEIR_VERSION='"$(VERSION)"' -Ilib $(WARNINGS) $(CFLAGS) -fno-math-errno -ffp-contract=off -pthread
LDFLAGS = -Wl,--as-needed

# Everything is offered to every program; --as-needed keeps what it uses.
LIBRARIES = -larchive -ljansson -lz -lzstd -llz4 -lxxhash -ldnnl -lgomp -lpthread -lm

PROGRAMS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
OBJECTS := $(patsubst %.c,$(BUILD)/object/%.o,$(wildcard lib/*/*.c))
UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

all: $(PROGRAMS:%=$(BUILD)/bin/%)
units: $(UNITS:%=$(BUILD)/unit/%)

$(BUILD)/object/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libweir.a: $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/bin/%: $(BUILD)/object/cmd/%.o $(BUILD)/libweir.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

$(BUILD)/unit/%: $(BUILD)/object/tests/unit/%.o $(BUILD)/libweir.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/object -name '*.d' 2>/dev/null)
.PHONY: all units clean
.SECONDARY:
