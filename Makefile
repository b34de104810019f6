# pipecall: seven programs and the pipes between them.
#
#	make            the programs, in build/bin, and their manuals
#	make demo       a call through the gateway, and a page to call from
#	make lab        calls through it between two NATs (KINDS="symmetric port")
#	make check      every test (ONLY=sip-dial: the files with that in their path)
#	make check-docs the commands of the README and the tutorials
#	make asan       everything with sanitizers, in build/asan
#	make fuzz       each decoder with random input (SECONDS=60 each)
#	make bench      the figures, each with its goal
#	make lint       formatting, static analysis, scripts, manuals
#	make fresh      all of the above's beginning on a bare Debian, as root
#	make deps install format clean help

TOOLS := stun-probe sip-register sip-dial sdp-convert ice-pair rtp-bridge \
	ws-signal
TOOLS := $(foreach t,$(TOOLS),$(if $(wildcard tools/$t/$t.c),$t))

# What each tool needs; --as-needed and the archive keep the rest out.
LIBS_stun-probe   = libssl libcrypto libcares
LIBS_sip-register = libosip2 libssl libcrypto libcares libmd -lwslay
LIBS_sip-dial     = libosip2 libssl libcrypto libcares libmd -lwslay
LIBS_sdp-convert  =
LIBS_ice-pair     = nice libssl libcrypto
LIBS_rtp-bridge   = libssl libcrypto nettle opus ogg
LIBS_ws-signal    = libmd -lwslay
LIBS_all          = jansson libevent_core
LIBS_unit         = check libosip2 libsrtp2 libssl libcrypto libcares nettle opus \
		    libmd -lwslay

B       ?= build
V       ?= 0
Q       := $(if $(filter 1,$V),,@)
say      = $(if $(filter 1,$V),,@echo "  $1	$(patsubst $B/%,%,$@)")
PREFIX  ?= /usr/local
CC      ?= cc

VERSION  = 0.1
WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	   -Wformat=2 -Wundef -Wvla -Wcast-qual $(if $(CI),-Werror)
RELEASE  = -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2
SANITIZERS = address,undefined$(if $(FUZZ),$(comma)fuzzer-no-link)
SANITIZE = -O1 -g -fsanitize=$(SANITIZERS) -fno-sanitize-recover=all \
	   -fno-omit-frame-pointer
comma    = ,
CFLAGS  ?= $(if $(ASAN),$(SANITIZE),$(RELEASE))
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DPC_VERSION='"$(VERSION)"' -fPIE \
	   -ffunction-sections -fdata-sections $(WARN) $(CFLAGS) -Ilibcommon
LDFLAGS += -pie -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections \
	   $(if $(ASAN),$(SANITIZE))
PKGS     = $(filter-out -l%,$(sort $(foreach t,$(TOOLS),$(LIBS_$t)) $(LIBS_all)))
cflags  := $(shell pkg-config --cflags $(PKGS) 2>/dev/null || echo missing)
libs     = $(shell pkg-config --libs $(filter-out -l%,$1 $(LIBS_all))) \
	   $(filter -l%,$1)
link     = $(CC) $(LDFLAGS) -o $@ $(filter-out %.ld %.a,$^) $(filter %.a,$^) \
	   $(patsubst %,-Wl$(comma)-T$(comma)%,$(filter %.ld,$^)) \
	   $(call libs,$1) -lm
deps     = $Qtests/lib/deps.sh $1
again    = $Q$(MAKE) --no-print-directory \
	   $(if $(filter -j%,$(MAKEFLAGS)),,-j2) $1

LIB_SRC  = $(wildcard libcommon/*/*.c)
LIB      = $B/libpipecall.a
UNIT     = $(patsubst tests/unit/%.c,$B/tests/%,$(wildcard tests/unit/test_*.c))
HELPERS  = $(patsubst tests/lib/%.c,$B/tests/%,$(wildcard tests/lib/*.c))
BENCH    = $(patsubst tests/bench/%.c,$B/bench/%,$(wildcard tests/bench/*.c))
FUZZERS  = $(patsubst tests/fuzz/%.c,$B/fuzzers/%,$(wildcard tests/fuzz/fuzz_*.c))
objs     = $(patsubst %.c,$B/obj/%.o,$1)
BINS     = $(TOOLS:%=$B/bin/%)
MANS     = $(foreach t,$(TOOLS),$(if $(wildcard tools/$t/$t.1),$B/man/$t.1))

all: $(BINS) $(MANS)

$B/obj/%.o: %.c
	$(if $(filter missing,$(cflags)),$(error libraries are missing: make deps))
	$(call say,CC)
	@mkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(cflags) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(call objs,$(LIB_SRC))
	$(call say,AR)
	$Qrm -f $@ && $(AR) rcs $@ $^

# A tool's own objects come before the archive: ice-pair brings its own loop.
define tool_rule
$B/bin/$1: $$(call objs,$$(wildcard tools/$1/*.c)) $$(LIB) \
		$$(wildcard tools/$1/*.ld)
	$$(call say,LD)
	@mkdir -p $$(@D)
	$$Q$$(call link,$$(LIBS_$1))

$B/man/$1.1: tools/$1/$1.1 $B/bin/$1 tests/lib/man.sh
	$$(call say,MAN)
	@mkdir -p $$(@D)
	$$Qtests/lib/man.sh $B/bin/$1 <$$< >$$@.tmp && mv $$@.tmp $$@
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$t)))

define program_rule
$B/$1/%: $B/obj/tests/$2/%.o $(LIB)
	$$(call say,LD)
	@mkdir -p $$(@D)
	$$Q$$(call link,$(LIBS_unit)) $3
endef
$(eval $(call program_rule,tests,unit))
$(eval $(call program_rule,tests,lib))
$(eval $(call program_rule,bench,bench,-lnice))
$(eval $(call program_rule,fuzzers,fuzz,$$(call libs,nice) -fsanitize=fuzzer))
$B/fuzzers/fuzz_sdpfrag: $(call objs,$(addprefix tools/ice-pair/,fragment.c \
	ice_candidate.c))

# A helper of more than one file has the others in a folder of its name.
$(foreach h,$(HELPERS),$(eval $h: $(call objs,\
	$(wildcard tests/lib/$(notdir $h)/*.c))))

tests: all $(UNIT) $(HELPERS)
benches: all $(HELPERS) $(BENCH)
fuzzers: $(FUZZERS)

# What these need is installed first; then make has to look again.
deps:
	$(call deps,build)

demo:
	$(call deps,build)
	$(call again,all)
	$QPIPECALL_BIN=$(abspath $B)/bin ONCE=$(ONCE) examples/demo.sh

lab:
	$(call deps,build lab)
	$(call again,all)
	$QPIPECALL_BIN=$(abspath $B)/bin examples/nat-lab.sh gateway \
		$(or $(KINDS),symmetric port)

check:
	$(call deps,build check)
	$(call again,tests)
	$QB=$B tests/lib/run-tests.sh $(ONLY)

check-docs:
	$(call deps,build check)
	$(call again,tests)
	$QB=$B tests/lib/check-docs

asan:
	$(call again,ASAN=1 B=$B/asan tests)

# clang warns of other things than gcc, which has the word on them.
fuzz:
	$(call deps,build fuzz)
	$(call again,CI= ASAN=1 FUZZ=1 CC=clang B=$B/fuzz fuzzers)
	$QB=$B/fuzz tests/lib/fuzz.sh $(or $(SECONDS),60) "$(ONLY)"

bench:
	$(call deps,build check bench)
	$(call again,benches)
	$QB=$B tests/lib/run-bench.sh $(ONLY)

lint:
	$(call deps,build check lint)
	$(call again,all)
	$QB=$B tests/lib/lint.sh $(ONLY)

fresh:
	$(call deps,fresh)
	$Qtests/lib/fresh.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install $(BINS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(MANS) $(DESTDIR)$(PREFIX)/share/man/man1

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

# The flags, for tools that have to see the source as the compiler does.
print-flags:
	@echo $(filter-out -f%,$(ALL_CFLAGS)) $(cflags)

clean:
	rm -rf $B

help:
	@sed -n 's/^#	//p' Makefile

.PHONY: all demo lab tests benches fuzzers deps check check-docs asan fuzz bench lint \
	fresh install format print-flags clean help
.SECONDARY:
-include $(shell find $B/obj -name '*.d' 2>/dev/null)
