# SPDX-License-Identifier: GPL-2.0-or-later
#
# Gongbao: one Makefile for everything. `make help` lists what it can do.
#
# All sources but the mains and the build-time generators go into one library, libgongbao.a, which
# the programs and the tests link. Sources, tests and benches are found by wildcard. Variants live
# side by side: the release in build/, the one with sanitizers, for tests, in build/check/, and in
# build/threads/ one with the sanitizer that looks for races between threads.
# Nothing is written outside build/ but by `make install`, and by `make bench-ingest KEEP=1`.

PREFIX     ?= /usr/local
SYSCONFDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)
DESTDIR    ?=
CC         := gcc
CXX        := g++

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

# ---- What there is to build -------------------------------------------------------------------

B     := build
CHECK := build/check
RACES := build/threads

PROGRAMS  := $(patsubst src/cmd/%.c,%,$(wildcard $(addprefix src/cmd/,gongbaod.c gongbao-ingest.c gongbao.c)))
GENERATOR := src/analysis/foldgen.c src/analysis/readgen.c src/analysis/boundgen.c
GENERATED := $(B)/gen/fold_table.c $(B)/gen/reading_table.c $(B)/gen/bound_table.c

LIB_SOURCES := $(filter-out src/cmd/% $(GENERATOR),$(sort $(wildcard src/*/*.c))) \
               $(sort $(wildcard index/*.cc index/*.c)) $(GENERATED)
CMD_SOURCES := $(filter-out $(PROGRAMS:%=src/cmd/%.c),$(sort $(wildcard src/cmd/*.c)))

UNIT_TESTS   := $(patsubst %.c,%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZERS      := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
SCRIPT_TESTS := $(sort $(filter-out tests/run.sh,$(wildcard tests/*.sh)) \
                $(wildcard $(patsubst %,tests/%/*.sh,golden wire fault format)))
LONG_TESTS   := $(sort $(wildcard tests/long/*.sh))
BENCHES      := $(patsubst tests/bench/%.sh,%,$(sort $(wildcard tests/bench/*.sh)))
BENCH_TOOLS  := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/bench/*.c)))

# ---- Flags ------------------------------------------------------------------------------------
# Looked up when a command first needs them, for `deps` may have to install pkg-config first.

LIBRARIES = xapian-core libevent_core zlib libzstd libxxhash
once      = $(eval $(1) := $(2))$($(1))
PKG_FLAGS = $(call once,PKG_FLAGS,$(shell pkg-config --cflags $(LIBRARIES)))
PKG_LIBS  = $(call once,PKG_LIBS,$(shell pkg-config --libs $(LIBRARIES)))

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Werror
CPPFLAGS := -D_GNU_SOURCE -Iinclude -I$(B)/gen
HARDEN   := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

RELEASE_FLAGS := -O2 -g $(HARDEN)
RELEASE_LINK  := -pie -Wl,-z,relro,-z,now,--as-needed
CHECK_FLAGS   := -O1 -g $(SANITIZE)
CHECK_LINK    := $(SANITIZE)
RACES_FLAGS   := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
RACES_LINK    := -fsanitize=thread

# Commands are shown by a word and what they make; V=1 shows them whole.
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-5s %s\n' $(1) $@)

# These targets install what is missing before they compile.
DEPS := $(if $(filter check check-long check-threads demo bench bench-%,$(MAKECMDGOALS)),deps)

.PHONY: FORCE all deps check check-long check-threads demo bench fuzz fuzz-keep lint install uninstall clean help
.DEFAULT_GOAL := all

all: $(PROGRAMS:%=$(B)/%) ## the programs and their data, into build/

# Places that are compiled in. The file is looked at each time and written only when it would change,
# so that another PREFIX compiles again what names a place, and nothing else.
PLACES     := $(B)/gen/places.h
PLACES_TEXT = '\#define GONGBAO_LEXICON "$(PREFIX)/share/gongbao/gongbao.lex"' \
              '\#define GONGBAO_BASE "$(PREFIX)/share/gongbao/base.lex"' \
              '\#define GONGBAO_WORDS "$(SYSCONFDIR)/gongbao/words.txt"' \
              '\#define GONGBAO_SYNONYMS "$(SYSCONFDIR)/gongbao/synonyms"' \
              '\#define GONGBAO_STOPWORDS "$(SYSCONFDIR)/gongbao/stopwords"'

$(PLACES): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(PLACES_TEXT) | cmp -s - $@ || printf '%s\n' $(PLACES_TEXT) > $@

# ---- One variant: $(1) its folder, $(2) its compiler flags, $(3) its linker flags ----------------

define variant
$(1)/obj/%.o: %.c Makefile | $$(DEPS) $$(PLACES)
	$$(call say,CC)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -std=c11 $$(CPPFLAGS) $$(PKG_FLAGS) $$(WARNINGS) $(2) -MMD -MP -c -o $$@ $$<

$(1)/obj/%.o: %.cc Makefile | $$(DEPS)
	$$(call say,CXX)
	@mkdir -p $$(@D)
	$$(Q)$$(CXX) -std=c++17 $$(CPPFLAGS) $$(PKG_FLAGS) $$(WARNINGS) $(2) -MMD -MP -c -o $$@ $$<

$(1)/libgongbao.a: $(patsubst %,$(1)/obj/%.o,$(basename $(LIB_SOURCES)))
	$$(call say,AR)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^

$(1)/libcmd.a: $(CMD_SOURCES:%.c=$(1)/obj/%.o)
	$$(call say,AR)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^

# Each program takes what it needs: gongbao-ingest writes without libxapian and starts quicker for it.
$(PROGRAMS:%=$(1)/%): $(1)/%: $(1)/obj/src/cmd/%.o $(1)/libcmd.a $(1)/libgongbao.a
	$$(call say,LD)
	$$(Q)$$(CXX) $(2) $(3) -o $$@ $$^ $$(PKG_LIBS)

-include $(patsubst %,$(1)/obj/%.d,$(basename $(LIB_SOURCES) $(CMD_SOURCES)) $(PROGRAMS:%=src/cmd/%))
endef

$(eval $(call variant,$(B),$(RELEASE_FLAGS),$(RELEASE_LINK)))
$(eval $(call variant,$(CHECK),$(CHECK_FLAGS),$(CHECK_LINK)))
$(eval $(call variant,$(RACES),$(RACES_FLAGS),$(RACES_LINK)))

# ---- Data compiled at build time -----------------------------------------------------------------
# Traditional to Simplified comes from OpenCC's dictionaries, more variants and radicals from the
# Unicode database, words and their frequencies from jieba, readings from Unihan.

OPENCC_DIR   := /usr/share/opencc
OPENCC_CHARS := $(addprefix $(B)/gen/opencc/,STCharacters.txt JPVariants.txt TSCharacters.txt TWVariants.txt HKVariants.txt)
ALIASES      := $(B)/gen/opencc/TSPhrases.txt
UNICODE_DIR  := /usr/share/unicode
RADICALS     := $(UNICODE_DIR)/EquivalentUnifiedIdeograph.txt
VARIANTS     := $(UNICODE_DIR)/Unihan_Variants.txt.bz2
UNIHAN       := $(UNICODE_DIR)/Unihan_Readings.txt.bz2
JIEBA_DICT    = $(call once,JIEBA_DICT,$(or $(wildcard /usr/lib/python3/dist-packages/jieba/dict.txt),$(shell \
                dpkg -L python3-jieba 2>/dev/null | grep '/jieba/dict\.txt$$')))
USER_WORDS   := conf/words.txt

$(B)/gen/opencc/%.txt: $(wildcard $(OPENCC_DIR)) | $(DEPS)
	$(call say,GEN)
	@mkdir -p $(@D)
	$(Q)opencc_dict -i $(OPENCC_DIR)/$*.ocd2 -o $@ -f ocd2 -t text

$(B)/foldgen $(B)/readgen: $(B)/%: src/analysis/%.c $(wildcard src/analysis/*.h) Makefile | $(DEPS)
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(CPPFLAGS) $(WARNINGS) -O2 -o $@ $< $$(pkg-config --cflags --libs libutf8proc)

$(B)/gen/variants.txt: $(wildcard $(VARIANTS)) | $(DEPS)
	$(call say,GEN)
	@mkdir -p $(@D)
	$(Q)bzip2 -dc $(VARIANTS) > $@

$(B)/gen/fold_table.c: $(B)/foldgen $(OPENCC_CHARS) $(B)/gen/variants.txt
	$(call say,GEN)
	$(Q)$(B)/foldgen $(JIEBA_DICT) $(RADICALS) $(B)/gen/variants.txt $(OPENCC_CHARS) > $@

$(B)/gen/reading_table.c: $(B)/readgen $(wildcard $(UNIHAN))
	$(call say,GEN)
	$(Q)bzip2 -dc $(UNIHAN) | $(B)/readgen > $@

$(B)/boundgen: src/analysis/boundgen.c $(B)/gen/fold_table.c $(wildcard src/analysis/*.h) Makefile
	$(call say,CC)
	$(Q)$(CC) -std=c11 $(CPPFLAGS) $(WARNINGS) -O2 -o $@ $(filter %.c,$^) -lm

$(B)/gen/bound_table.c: $(B)/boundgen
	$(call say,GEN)
	$(Q)$(B)/boundgen < $(dir $(JIEBA_DICT))finalseg/prob_emit.py > $@

# Compiled once, by the release program: the lists into the base, and the base with the user words
# into what the programs use.
BASE    := base.lex
LEXICON := gongbao.lex
all: $(B)/$(LEXICON)
$(B)/$(BASE): $(B)/gongbao $(ALIASES)
	$(call say,GEN)
	$(Q)$< lexicon compile --words $(JIEBA_DICT) --aliases $(ALIASES) --out $@ > $(@:%=%.log)

$(B)/$(LEXICON): $(B)/$(BASE) $(USER_WORDS)
	$(call say,GEN)
	$(Q)$(B)/gongbao lexicon compile --base $< --user $(USER_WORDS) --out $@ > $(@:%=%.log)

$(CHECK)/$(LEXICON) $(CHECK)/$(BASE): $(CHECK)/%: $(B)/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(RACES)/$(LEXICON): $(B)/$(LEXICON)
	@mkdir -p $(@D)
	$(Q)cp $< $@

# ---- Tests ---------------------------------------------------------------------------------------

$(CHECK)/tests/unit/%: $(CHECK)/obj/tests/unit/%.o $(CHECK)/libgongbao.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CHECK_FLAGS) $(CHECK_LINK) -o $@ $^ $(PKG_LIBS) -lcmocka

# Allocations that a test makes fail (tests/unit/fault.h).
FAULTY := malloc calloc realloc reallocarray aligned_alloc posix_memalign strdup strndup vasprintf asprintf
$(addprefix $(CHECK)/tests/unit/,test_index_fault test_ingest_fault): private CHECK_LINK += $(FAULTY:%=-Wl,--wrap=%)

-include $(UNIT_TESTS:%=$(CHECK)/obj/%.d)

# What the fuzzers have found worth keeping is run again, by gcc's sanitizers and without libFuzzer.
$(CHECK)/tests/fuzz/%: $(CHECK)/obj/tests/fuzz/%.o $(CHECK)/obj/tests/fuzz/replay.o $(CHECK)/libgongbao.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CHECK_FLAGS) $(CHECK_LINK) -o $@ $^ $(PKG_LIBS)

-include $(FUZZERS:%=$(CHECK)/obj/tests/fuzz/%.d)

# ONLY=word runs the tests with the word in their name. Scripts, and unit tests that look into
# GONGBAO_BIN, need the programs and their data; where none of them is selected these are not built.
TESTS    := $(UNIT_TESTS:%=$(CHECK)/%) $(FUZZERS:%=$(CHECK)/tests/fuzz/%) $(SCRIPT_TESTS)
SELECTED := $(if $(ONLY),$(foreach t,$(TESTS),$(if $(findstring $(ONLY),$(t)),$(t))),$(TESTS))
LOOKING  := $(SCRIPT_TESTS) $(patsubst %.c,$(CHECK)/%,$(shell grep -l GONGBAO_BIN $(UNIT_TESTS:%=%.c)))
TESTED   := $(filter $(CHECK)/%,$(SELECTED)) \
            $(if $(filter $(LOOKING),$(SELECTED)),$(PROGRAMS:%=$(CHECK)/%) $(addprefix $(CHECK)/,$(LEXICON) $(BASE)))

check: $(TESTED) | deps ## every test under sanitizers, or with ONLY=word some of them
	@tests/run.sh $(CHECK) $(SELECTED)

# What runs in several threads, and a test that has it do so.
THREAD_TESTS := $(RACES)/tests/unit/test_crew tests/fault/jobs.sh

$(RACES)/tests/unit/%: $(RACES)/obj/tests/unit/%.o $(RACES)/libgongbao.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(RACES_FLAGS) $(RACES_LINK) -o $@ $^ $(PKG_LIBS) -lcmocka

check-threads: $(filter $(RACES)/%,$(THREAD_TESTS)) $(RACES)/gongbao-ingest $(RACES)/$(LEXICON) | deps ## races between threads
	@tests/run.sh $(RACES) $(THREAD_TESTS)

check-long: check-threads $(TESTED) | deps ## the tests that take long as well
	@TEST_SECONDS=3600 tests/run.sh $(CHECK) $(TESTS) $(LONG_TESTS)

# Fuzzers are built by clang. Each starts from its kept corpus and from what it has found before in
# build/fuzz/corpus, and runs for FUZZ_SECONDS; fuzz-NAME runs tests/fuzz/fuzz_NAME.c alone. Of
# both, fuzz-keep keeps the FUZZ_KEPT that reach most, and seed-*, which were made by hand.
FUZZ_FLAGS   := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_OBJECTS := $(patsubst %.c,$(B)/fuzz/obj/%.o,$(filter %.c,$(LIB_SOURCES)))
FUZZ_SECONDS ?= 60
FUZZ_KEPT    := 60

$(B)/fuzz/obj/%.o: %.c Makefile | $(PLACES)
	$(call say,CLANG)
	@mkdir -p $(@D)
	$(Q)clang -std=c11 $(CPPFLAGS) $(PKG_FLAGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

$(B)/fuzz/libgongbao.a: $(FUZZ_OBJECTS)
	$(call say,AR)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(B)/fuzz/libgongbao.a
	$(call say,LD)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ -lxxhash -lz -lzstd -lm

-include $(FUZZ_OBJECTS:.o=.d) $(FUZZERS:%=$(B)/fuzz/obj/tests/fuzz/%.d)

fuzz: $(FUZZERS:fuzz_%=fuzz-%) ## run each fuzzer (needs clang) for FUZZ_SECONDS=60

fuzz-%: $(B)/fuzz/fuzz_%
	@mkdir -p $(B)/fuzz/corpus/fuzz_$*
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=600 -dict=tests/fuzz/text.dict -print_final_stats=1 \
	    -artifact_prefix=$(B)/fuzz/ $(B)/fuzz/corpus/fuzz_$* tests/fuzz/corpus/fuzz_$*

fuzz-keep: $(FUZZERS:%=$(B)/fuzz/%) ## of what they found, what reaches most, into tests/fuzz/corpus
	@for f in $(FUZZERS); do kept=tests/fuzz/corpus/$$f && new=$(B)/fuzz/new && control=$(B)/fuzz/control && \
	    rm -rf $$new $$control && mkdir -p $$new $$kept $(B)/fuzz/corpus/$$f && \
	    $(B)/fuzz/$$f -set_cover_merge=1 -use_counters=0 -max_len=600 -merge_control_file=$$control \
	    $$new $$kept $(B)/fuzz/corpus/$$f 2>$(B)/fuzz/keep.log && \
	    tests/fuzz/keep.py $$control $$kept $(FUZZ_KEPT) || exit 1; done

$(B)/tests/bench/%: $(B)/obj/tests/bench/%.o $(B)/libgongbao.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(RELEASE_FLAGS) $(RELEASE_LINK) -o $@ $^ $(PKG_LIBS)

export KEEP
bench: $(BENCHES:%=bench-%) ## every bench; bench-NAME for tests/bench/NAME.sh alone

bench-%: tests/bench/%.sh all $(BENCH_TOOLS) | deps
	@GONGBAO_BIN=$(B) $<

demo: all | deps ## ingest sample bulletins, start the daemon, ask it questions
	@tests/demo.sh

deps: ## install the Debian packages that are missing
	@.ci/deps

# ---- Checking the sources ------------------------------------------------------------------------

C_FILES    := $(sort $(wildcard src/*/*.[ch] tests/*/*.[ch] include/gongbao/*.h index/*.[ch]))
ALL_FILES  := $(C_FILES) $(sort $(wildcard index/*.cc index/*.hh))
TIDY_FILES := $(filter %.c,$(filter src/% index/%,$(C_FILES)))
TIDY_CXX   := $(sort $(wildcard index/*.cc))
# Left out: what -Wconversion says better, and what is wrong when several files are checked at once.
TIDY_CHECKS := clang-analyzer-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions
TIDY_CHECKS := $(TIDY_CHECKS),-clang-analyzer-security.insecureAPI.*,-clang-analyzer-valist.Uninitialized
have        = command -v $(1) >/dev/null || { echo "lint: $(1) is not installed, skipped"; exit 0; }

lint: $(PLACES) ## clang-format, cppcheck, clang-tidy and shellcheck, those that are installed
	@$(call have,clang-format); clang-format --dry-run -Werror $(ALL_FILES)
	@$(call have,cppcheck); cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -Iinclude \
	    --enable=warning,performance,portability --suppress=missingIncludeSystem src index
	@$(call have,clang-tidy); clang-tidy --quiet --warnings-as-errors='*' --checks='$(TIDY_CHECKS)' $(TIDY_FILES) -- -std=c11 $(CPPFLAGS)
	@$(call have,clang-tidy); clang-tidy --quiet --warnings-as-errors='*' --checks='$(TIDY_CHECKS)' $(TIDY_CXX) -- -std=c++17 $(CPPFLAGS) $(PKG_FLAGS)
	@$(call have,shellcheck); shellcheck -x .ci/run .ci/deps $(sort $(wildcard tests/*.sh tests/*/*.sh))

# ---- Installing ----------------------------------------------------------------------------------

SHARE := $(DESTDIR)$(PREFIX)/share
CONF  := $(DESTDIR)$(SYSCONFDIR)/gongbao
UNITS := $(DESTDIR)$(PREFIX)/lib
UNIT_FILES := $(wildcard $(addprefix systemd/*.,service socket timer path))
# Texts name the default places; the real ones go in.
place = sed -e 's,/usr/local/,$(PREFIX)/,g' -e 's,/etc/gongbao,$(SYSCONFDIR)/gongbao,g' $(1) > $(2) && chmod 644 $(2)

install: all ## into $(DESTDIR)$(PREFIX); configuration that is there stays
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(SHARE)/gongbao $(CONF) \
	    $(SHARE)/man/man1 $(SHARE)/man/man8 $(UNITS)/systemd/system $(UNITS)/sysusers.d $(UNITS)/tmpfiles.d
	for p in $(PROGRAMS); do \
	    case $$p in gongbaod) dir=sbin;; *) dir=bin;; esac; \
	    install -m 755 $(B)/$$p $(DESTDIR)$(PREFIX)/$$dir/$$p || exit 1; done
	install -m 644 $(B)/$(BASE) $(SHARE)/gongbao/
	for f in $(wildcard conf/*); do t=$(CONF)/$${f##*/}; \
	    test -e $$t || { $(call place,$$f,$$t); } || exit 1; done
	$(B)/gongbao lexicon compile --base $(SHARE)/gongbao/$(BASE) --user $(CONF)/words.txt --out $(SHARE)/gongbao/$(LEXICON)
	$(B)/gongbao lexicon verify $(SHARE)/gongbao/$(BASE)
	for f in $(wildcard src/cmd/*.[18]); do t=$(SHARE)/man/man$${f##*.}/$${f##*/}; \
	    { $(call place,$$f,$$t); } || exit 1; done
	for f in $(UNIT_FILES); do t=$(UNITS)/systemd/system/$${f##*/}; { $(call place,$$f,$$t); } || exit 1; done
	for k in sysusers tmpfiles; do f=systemd/gongbao.$$k.conf; test ! -e $$f || \
	    install -m 644 $$f $(UNITS)/$$k.d/gongbao.conf || exit 1; done

uninstall: ## all that install put there but the configuration
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,gongbao gongbao-ingest) $(DESTDIR)$(PREFIX)/sbin/gongbaod
	rm -f $(SHARE)/gongbao/gongbao.lex $(SHARE)/gongbao/base.lex $(foreach f,$(notdir $(UNIT_FILES)),$(UNITS)/systemd/system/$(f))
	rm -f $(foreach f,$(notdir $(wildcard src/cmd/*.[18])),$(SHARE)/man/man$(patsubst .%,%,$(suffix $(f)))/$(f))
	rm -f $(UNITS)/sysusers.d/gongbao.conf $(UNITS)/tmpfiles.d/gongbao.conf
	-rmdir $(SHARE)/gongbao

clean: ## remove build/
	rm -rf $(B)

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | sort | expand -t 14
