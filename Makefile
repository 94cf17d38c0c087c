# irqscope: build, run, test and install. `make help` lists what there is.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
BUILD ?= .build
# The Swift runtime and, where their archives are installed, the C libraries go into the binary, so that it
# runs on boxes that have none of them: pkg-config is shown a directory that has the archives only.
ARCHIVES = $(abspath $(BUILD))/archives
RELEASE = -c release --static-swift-stdlib --scratch-path $(BUILD)
BINARY = $(BUILD)/release/irqscope
SAMPLE = Fixtures/recordings/amd64-v7.dat
# What install strips the binary with.
STRIP = -s
# systemd reads units below /usr and /usr/local; elsewhere name a directory that it reads: systemd-analyze unit-paths.
UNITDIR = $(PREFIX)/lib/systemd/system
RULEDIR = $(PREFIX)/share/irqscope/prometheus
EXAMPLEDIR = $(PREFIX)/share/doc/irqscope/examples
# Where shells look for what completes a command line.
COMPLETIONS = bash:share/bash-completion/completions/irqscope zsh:share/zsh/site-functions/_irqscope \
    fish:share/fish/vendor_completions.d/irqscope.fish
# Installed as services, each with the timer that starts it.
SERVICES = irqscope-alert irqscope-alert-counters
MANPAGES = irqscope.1 irqscope-alert.1 irqscope-list.1 irqscope-record.1 irqscope-report.1 irqscope-top.1

LIBRARIES = libtracefs-dev libtraceevent-dev libzstd-dev zlib1g-dev liblzma-dev libncurses-dev pkg-config
TEST_TOOLS = trace-cmd python3 mandoc jq util-linux-extra tmux sysstat procps systemd zstd xz-utils
# Tests need the programs in these packages, which would start servers if they were installed.
UNPACKED_TOOLS = prometheus prometheus-node-exporter
BENCH_TOOLS = $(TEST_TOOLS) gcc linux-perf bpftrace bpftool irqtop valgrind

.DEFAULT_GOAL := help
.PHONY: help run build test golden lint bench bench-live fuzz install install-files uninstall clean libraries test-tools bench-tools

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: build ## Build, and report a recording from Fixtures
	@$(BINARY) report $(SAMPLE) --slow 5
	@echo
	@echo "That was: $(BINARY) report $(SAMPLE) --slow 5"
	@echo "Your own: sudo $(BINARY) record --duration 10s && $(BINARY) report trace.dat"
	@echo "Live, as any user: $(BINARY) top (q leaves, F1 helps)"

build: libraries ## Build the release binary
	@mkdir -p $(ARCHIVES)
	@for pair in libtracefs:tracefs libtraceevent:traceevent libzstd:zstd zlib:z liblzma:lzma ncursesw:ncursesw tinfo:tinfo; do \
	    package=$${pair%:*}; \
	    descriptions=$$(pkg-config --variable=pcfiledir $$package); \
	    archive=$${descriptions%/pkgconfig}/lib$${pair#*:}.a; \
	    [ -e $$archive ] || continue; \
	    ln -sf $$archive $(ARCHIVES)/; \
	    sed 's,^libdir=.*,libdir=$(ARCHIVES),' $$descriptions/$$package.pc > $(ARCHIVES)/$$package.pc; \
	done
	@archive=$$(ls /usr/lib/gcc/*/*/libstdc++.a 2>/dev/null | tail -n 1); \
	[ -z "$$archive" ] || ln -sf $$archive $(ARCHIVES)/
	PKG_CONFIG_PATH=$(ARCHIVES) $(SWIFT) build $(RELEASE) --product irqscope

test: libraries test-tools ## Run all tests, and tell which were skipped
	$(SWIFT) build --build-tests --scratch-path $(BUILD)
	Tests/tools/run-tests $(SWIFT) test --skip-build --scratch-path $(BUILD)

golden: libraries test-tools ## Show outputs that differ from Fixtures/golden; ACCEPT=1 takes them as right
	$(SWIFT) build --build-tests --scratch-path $(BUILD)
	-IRQSCOPE_GOLDEN=$(if $(ACCEPT),accept) $(SWIFT) test --skip-build --scratch-path $(BUILD) --filter GoldenScreenTests
	Tests/golden/golden.py --binary $(BUILD)/debug/irqscope $(if $(ACCEPT),--accept)

lint: ## Check the style, warnings as errors
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	Tests/tools/check-architecture

bench: build bench-tools ## Measure speed and memory beside the peers, reports and live
	IRQSCOPE=$(abspath $(BINARY)) Tests/bench/bench.sh $(BENCH_ARGS)
	BENCH_BUILD=$(abspath $(BUILD))-bench IRQSCOPE=$(abspath $(BINARY)) Tests/bench/live.sh $(BENCH_LIVE_ARGS)
	IRQSCOPE=$(abspath $(BINARY)) Tests/bench/perf.sh
	IRQSCOPE=$(abspath $(BINARY)) Tests/bench/alert.sh
	Tests/bench/size.sh $(abspath $(BINARY))

bench-live: build bench-tools ## Only the live half of it: top, record, reading /proc
	BENCH_BUILD=$(abspath $(BUILD))-bench IRQSCOPE=$(abspath $(BINARY)) Tests/bench/live.sh $(BENCH_LIVE_ARGS)

fuzz: libraries ## Fuzz all that reads foreign bytes for FUZZ_SECONDS (60) each
	Tests/Fuzz/fuzz.sh $(or $(FUZZ_SECONDS),60)

install: build ## Install below PREFIX (/usr/local)
	@$(MAKE) --no-print-directory install-files
	@[ -n "$(DESTDIR)" ] || printf '%s\n' \
	    "Watched each minute, by systemd: systemctl daemon-reload && systemctl enable --now irqscope-alert.timer" \
	    "(or irqscope-alert-counters.timer, which needs no root and so tells less of a storm)" \
	    "or by cron: cp $(EXAMPLEDIR)/cron.d/irqscope-alert /etc/cron.d/"

# The files alone, from a BINARY that is there.
install-files:
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/share/man/man1 $(UNITDIR) $(RULEDIR) \
	    $(EXAMPLEDIR)/cron.d $(EXAMPLEDIR)/default)
	install -m 755 $(STRIP) $(BINARY) $(DESTDIR)$(PREFIX)/bin/irqscope
	install -m 644 $(addprefix man/,$(MANPAGES)) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(SERVICES:%=share/systemd/%.timer) $(DESTDIR)$(UNITDIR)
	install -m 644 share/prometheus/irqscope.rules.yml $(DESTDIR)$(RULEDIR)
	install -m 644 share/default/irqscope-alert $(DESTDIR)$(EXAMPLEDIR)/default
	for service in $(SERVICES); do \
	    $(call fill,share/systemd/$$service.service.in,$(DESTDIR)$(UNITDIR)/$$service.service) || exit; \
	done
	$(call fill,share/cron/irqscope-alert.in,$(DESTDIR)$(EXAMPLEDIR)/cron.d/irqscope-alert)
	for pair in $(COMPLETIONS); do \
	    file=$(DESTDIR)$(PREFIX)/$${pair#*:}; \
	    install -d $${file%/*} && $(DESTDIR)$(PREFIX)/bin/irqscope --generate-completion-script $${pair%%:*} >$$file && chmod 644 $$file || exit; \
	done

# A file that names where irqscope is.
fill = sed 's,@BINDIR@,$(PREFIX)/bin,' $(1) >$(2) && chmod 644 $(2)

# What is enabled must not lose its files. Directories that others use too stay, and so does the state.
uninstall: ## Remove what install put there
	@[ -n "$(DESTDIR)" ] || for service in $(SERVICES); do \
	    [ ! /etc/systemd/system/timers.target.wants/$$service.timer -ef $(UNITDIR)/$$service.timer ] || \
	    { echo "First: systemctl disable --now $$service.timer" >&2; exit 1; }; \
	done
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/irqscope $(addprefix $(PREFIX)/share/man/man1/,$(MANPAGES)) \
	    $(foreach service,$(SERVICES),$(UNITDIR)/$(service).service $(UNITDIR)/$(service).timer) \
	    $(RULEDIR)/irqscope.rules.yml \
	    $(EXAMPLEDIR)/cron.d/irqscope-alert $(EXAMPLEDIR)/default/irqscope-alert \
	    $(foreach pair,$(COMPLETIONS),$(PREFIX)/$(word 2,$(subst :, ,$(pair)))))
	@for folder in $(RULEDIR) $(dir $(RULEDIR)) $(EXAMPLEDIR)/cron.d $(EXAMPLEDIR)/default $(EXAMPLEDIR) \
	    $(dir $(EXAMPLEDIR)); do \
	    [ ! -d $(DESTDIR)$$folder ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$$folder; \
	done

clean: ## Remove what was built
	rm -rf $(BUILD)

# Debian packages that are missing, installed if we may: as root, or through sudo.
define ensure
	@missing=$$(dpkg-query -W -f '$${db:Status-Status} $${Package}\n' $(1) 2>&1 | \
	    sed -n -e 's/.*no packages found matching //p' -e '/^installed /!s/^[a-z-]* //p'); \
	[ -z "$$missing" ] || Tests/tools/install-packages $$missing
endef

libraries:
	$(call ensure,$(LIBRARIES))
test-tools:
	$(call ensure,$(TEST_TOOLS))
	@Tests/tools/unpack-packages $(BUILD)/tools $(UNPACKED_TOOLS)
bench-tools:
	$(call ensure,$(BENCH_TOOLS))
