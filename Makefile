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
MANPAGES = irqscope.1 irqscope-alert.1 irqscope-list.1 irqscope-record.1 irqscope-report.1 irqscope-top.1

LIBRARIES = libtracefs-dev libtraceevent-dev libzstd-dev zlib1g-dev libncurses-dev pkg-config
TEST_TOOLS = trace-cmd python3 mandoc jq util-linux-extra tmux sysstat procps
BENCH_TOOLS = $(TEST_TOOLS) gcc linux-perf bpftrace irqtop

.DEFAULT_GOAL := help
.PHONY: help run build test lint bench bench-live fuzz install uninstall clean libraries test-tools bench-tools

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
	@for pair in libtracefs:tracefs libtraceevent:traceevent libzstd:zstd zlib:z ncursesw:ncursesw tinfo:tinfo; do \
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

test: libraries test-tools ## Run all tests
	$(SWIFT) build --build-tests --scratch-path $(BUILD)
	$(SWIFT) test --skip-build --scratch-path $(BUILD) --skip LiveTests
	$(SWIFT) test --skip-build --scratch-path $(BUILD) --no-parallel --filter LiveTests

lint: ## Check the style, warnings as errors
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

bench: build bench-tools ## Measure speed and memory beside the peers, reports and live
	IRQSCOPE=$(abspath $(BINARY)) Tests/bench/bench.sh $(BENCH_ARGS)
	BENCH_BUILD=$(abspath $(BUILD))-bench IRQSCOPE=$(abspath $(BINARY)) Tests/bench/live.sh $(BENCH_LIVE_ARGS)
	IRQSCOPE=$(abspath $(BINARY)) Tests/bench/alert.sh

bench-live: build bench-tools ## Only the live half of it: top, record, reading /proc
	BENCH_BUILD=$(abspath $(BUILD))-bench IRQSCOPE=$(abspath $(BINARY)) Tests/bench/live.sh $(BENCH_LIVE_ARGS)

fuzz: libraries ## Fuzz all that reads foreign bytes for FUZZ_SECONDS (60) each
	Tests/Fuzz/fuzz.sh $(or $(FUZZ_SECONDS),60)

install: build ## Install below PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 -s $(BINARY) $(DESTDIR)$(PREFIX)/bin/irqscope
	install -m 644 $(addprefix man/,$(MANPAGES)) $(DESTDIR)$(PREFIX)/share/man/man1

uninstall: ## Remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/irqscope $(addprefix $(DESTDIR)$(PREFIX)/share/man/man1/,$(MANPAGES))

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
bench-tools:
	$(call ensure,$(BENCH_TOOLS))
