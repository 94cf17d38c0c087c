# irqscope: build, run, test and install. `make help` lists what there is.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
BUILD ?= .build
# One static executable, which runs on any kernel and beside any C library. lld leaves out what nobody calls. It also leaves out the
# warnings that getpwuid(3) and its like want libraries at run time: those calls are in parts of Foundation and
# libtraceevent that we do not call, and `make lint` sees to it that ours are none.
# STATIC=no is for distributions without the archives: the Swift runtime goes in, and those archives that are there.
STATIC ?= yes
RELEASE = -c release --static-swift-stdlib --scratch-path $(BUILD) --product irqscope
STATIC_RELEASE = $(RELEASE) -Xswiftc -static-executable -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker --build-id=none
ARCHIVES = $(abspath $(BUILD))/archives
BINARY = $(BUILD)/release/irqscope
SAMPLE = Fixtures/recordings/amd64-v7.dat
# What install strips the binary with.
STRIP = -s
# systemd reads units below /usr and /usr/local; elsewhere name a directory that it reads: systemd-analyze unit-paths.
UNITDIR = $(PREFIX)/lib/systemd/system
RULEDIR = $(PREFIX)/share/irqscope/prometheus
GRAFANADIR = $(PREFIX)/share/irqscope/grafana
DOCDIR = $(PREFIX)/share/doc/irqscope
EXAMPLEDIR = $(DOCDIR)/examples
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
# Installed as services, each with the timer that starts it.
SERVICES = irqscope-alert irqscope-alert-counters irqscope-sample
RULES = irqscope.rules.yml irqscope-sample.rules.yml
# Without a timer: it runs at boot, where somebody enables it.
BOOT_SERVICES = irqscope-affinity
MANPAGES = irqscope.1 irqscope-affinity.1 irqscope-alert.1 irqscope-diff.1 irqscope-doctor.1 irqscope-export.1 irqscope-list.1 irqscope-record.1 irqscope-report.1 \
    irqscope-sample.1 irqscope-snapshot.1 irqscope-top.1

# Of the version: the number, the commit, and the libraries that cannot tell theirs.
VERSION := $(shell sed -n 's/.* number = "\(.*\)"/\1/p' Sources/irqscope/Version.swift)
COMMIT = $(shell git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null)
FACTS = IRQSCOPE_COMMIT='$(COMMIT)' IRQSCOPE_LIBRARIES="libtracefs $$(pkg-config --modversion libtracefs), libtraceevent $$(pkg-config --modversion libtraceevent)"
# The time that packages give to their files: that of the commit, so that two builds of it give the same bytes.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)

LIBRARIES = libtracefs-dev libtraceevent-dev libzstd-dev zlib1g-dev liblzma-dev libncurses-dev pkg-config
TEST_TOOLS = trace-cmd python3 mandoc jq util-linux-extra tmux sysstat procps systemd zstd xz-utils bash-completion zsh fish
# Tests need the programs in these packages, which would start servers if they were installed.
UNPACKED_TOOLS = prometheus prometheus-node-exporter irqbalance
PACKAGE_TOOLS = debhelper dpkg-dev fakeroot xz-utils
VM_TOOLS = qemu-system-x86 cpio zstd xz-utils kmod gcc libc6-dev tmux python3 trace-cmd
CHECK_TOOLS = $(PACKAGE_TOOLS) lintian debootstrap $(VM_TOOLS)
BENCH_TOOLS = $(TEST_TOOLS) gcc linux-perf bpftrace bpftool irqtop tuna valgrind

.DEFAULT_GOAL := help
.PHONY: help run build test golden lint bench bench-live check-bench check-optimized scale fuzz fuzz-sum install install-files print-version uninstall clean deb tarball \
    vm-test vm-affinity check-packages pictures cookbook libraries test-tools bench-tools package-tools check-tools

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: build ## Build, and report a recording from Fixtures
	@$(BINARY) report $(SAMPLE) --slow 5
	@echo
	@echo "That was: $(BINARY) report $(SAMPLE) --slow 5"
	@echo "Your own: sudo $(BINARY) record --duration 10s && $(BINARY) report trace.dat"
	@echo "Live, as any user: $(BINARY) top (q leaves, F1 helps)"

build: libraries ## Build the release binary, .build/release/irqscope
ifeq ($(STATIC),yes)
	$(FACTS) $(SWIFT) build $(STATIC_RELEASE)
else
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
	$(FACTS) PKG_CONFIG_PATH=$(ARCHIVES) $(SWIFT) build $(RELEASE)
endif

test: libraries test-tools ## Run all tests, and tell which were skipped
	$(SWIFT) build --build-tests --scratch-path $(BUILD)
	Tests/tools/run-tests $(SWIFT) test --skip-build --scratch-path $(BUILD)

golden: libraries test-tools ## Show outputs that differ from Fixtures/golden; ACCEPT=1 takes them as right
	$(SWIFT) build --build-tests --scratch-path $(BUILD)
	-IRQSCOPE_GOLDEN=$(if $(ACCEPT),accept) $(SWIFT) test --skip-build --scratch-path $(BUILD) --filter GoldenScreenTests
	Tests/golden/golden.py --binary $(BUILD)/debug/irqscope $(if $(ACCEPT),--accept)

# IRQSCOPE names a binary that is there already; else the release binary is built.
vm-test: $(if $(IRQSCOPE),,build) ## Run every command on kernels in QEMU (an hour or two), or on MACHINES; dist/vm-test/table has the verdicts
	VM_TOOLS="$(VM_TOOLS)" WORK=$(abspath $(BUILD))/vm-test Tests/qemu/vm-test.sh $(or $(IRQSCOPE),$(BINARY)) dist/vm-test $(MACHINES)

vm-affinity: build check-tools ## Try affinity and doctor on stock kernels in QEMU (5 minutes; the logs go to dist/vm-affinity)
	for machine in "amd64 bookworm" "amd64 trixie" "amd64-remap bookworm"; do set -- $$machine; \
	    Tests/qemu/affinity.sh $(BINARY) $$1 dist/vm-affinity $$2 || exit 1; done

lint: ## Check the style, warnings as errors
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	Tests/tools/check-architecture
	Tests/tools/check-rules
	Tests/tools/check-release

bench: build bench-tools ## Measure speed and memory beside the peers, reports and live
	@status=0; export IRQSCOPE=$(abspath $(BINARY)) BENCH_BUILD=$(abspath $(BUILD))-bench; \
	for part in "bench.sh $(BENCH_ARGS)" "live.sh $(BENCH_LIVE_ARGS)" perf.sh alert.sh "peers.py $$IRQSCOPE" "size.sh $$IRQSCOPE" \
	    "page.py $$IRQSCOPE" "export.py $$IRQSCOPE"; do Tests/bench/$$part || status=1; done; exit $$status

bench-live: build bench-tools ## Only the live half of it: top, record, reading /proc
	BENCH_BUILD=$(abspath $(BUILD))-bench IRQSCOPE=$(abspath $(BINARY)) Tests/bench/live.sh $(BENCH_LIVE_ARGS)

scale: build test-tools bench-tools ## Simulate large boxes, long recordings and long times; SCALE=quick or full, SCALE_PARTS
	IRQSCOPE_BENCH=1 $(SWIFT) build -c release --product Simulate --scratch-path $(abspath $(BUILD))-bench
	@mkdir -p dist
	Tests/scale/scale.sh $(abspath $(BINARY)) $(abspath $(BUILD))-bench/release/Simulate dist/scale.md $(SCALE_PARTS)

check-bench: libraries ## Compile the measuring tools, which no test needs
	IRQSCOPE_BENCH=1 $(SWIFT) build --scratch-path $(BUILD) --target ParseBench

check-optimized: ## Ask the compiler, as a release build does, whether what must not allocate does not
	Tests/tools/check-optimized

fuzz: libraries ## Fuzz all that reads foreign bytes for FUZZ_SECONDS (60) each
	Tests/Fuzz/fuzz.sh $(or $(FUZZ_SECONDS),60)

fuzz-sum: ## Add the runs in the file FUZZ_RUNS to Fixtures/fuzz/SUM.tsv, and print the sums
	Tests/Fuzz/sum.py $(FUZZ_RUNS)

install: ## Install below PREFIX (/usr/local); builds only if there is no binary, or an old one
	@[ -e $(BINARY) ] && { ! command -v $(SWIFT) >/dev/null || \
	    [ -z "$$(find Sources Package.swift -newer $(BINARY) -print -quit)" ]; } || $(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory install-files
	@[ -n "$(DESTDIR)" ] || printf '%s\n' \
	    "Watched each minute, by systemd: systemctl daemon-reload && systemctl enable --now irqscope-alert.timer" \
	    "(or irqscope-alert-counters.timer, which needs no root and so tells less of a storm)" \
	    "(handler times of a fleet, for Prometheus: irqscope-sample.timer)" \
	    "or by cron: cp $(EXAMPLEDIR)/cron.d/irqscope-alert /etc/cron.d/"

print-version:
	@echo $(VERSION)

# The files alone, from a BINARY that is there; it also writes the completions.
install-files:
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/share/man/man1 $(UNITDIR) $(RULEDIR) $(GRAFANADIR) \
	    $(EXAMPLEDIR)/cron.d $(EXAMPLEDIR)/default $(BASHDIR) $(ZSHDIR) $(FISHDIR))
	install -m 755 $(STRIP) $(BINARY) $(DESTDIR)$(PREFIX)/bin/irqscope
	@# Hashes of the modules' sources and paths, of no use at run time: two builds would differ by them.
	[ -z "$(STRIP)" ] || objcopy --remove-section .swift_modhash $(DESTDIR)$(PREFIX)/bin/irqscope
	install -m 644 $(addprefix man/,$(MANPAGES)) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(SERVICES:%=share/systemd/%.timer) $(DESTDIR)$(UNITDIR)
	install -m 644 $(RULES:%=share/prometheus/%) $(DESTDIR)$(RULEDIR)
	install -m 644 share/grafana/irqscope.json $(DESTDIR)$(GRAFANADIR)
	install -m 644 share/default/irqscope-alert $(DESTDIR)$(EXAMPLEDIR)/default
	install -m 644 LICENSE CHANGELOG.md $(DESTDIR)$(DOCDIR)
	for service in $(SERVICES) $(BOOT_SERVICES); do \
	    $(call fill,share/systemd/$$service.service.in,$(DESTDIR)$(UNITDIR)/$$service.service) || exit; \
	done
	$(call fill,share/cron/irqscope-alert.in,$(DESTDIR)$(EXAMPLEDIR)/cron.d/irqscope-alert)
	$(call complete,bash,$(BASHDIR)/irqscope)
	$(call complete,zsh,$(ZSHDIR)/_irqscope)
	$(call complete,fish,$(FISHDIR)/irqscope.fish)

# What the command says of its options, as a shell wants it. bash reads the file and never runs it: no #! for that.
complete = $(BINARY) --generate-completion-script $(1) | sed '1{/^\#!/d}' >$(DESTDIR)$(2) && [ -s $(DESTDIR)$(2) ] && chmod 644 $(DESTDIR)$(2)

# A file that names where irqscope is.
fill = sed 's,@BINDIR@,$(PREFIX)/bin,' $(1) >$(2) && chmod 644 $(2)

# What is enabled must not lose its files. Directories that others use too stay, and so does the state.
uninstall: ## Remove what install put there
	@[ -n "$(DESTDIR)" ] || for service in $(SERVICES); do \
	    [ ! /etc/systemd/system/timers.target.wants/$$service.timer -ef $(UNITDIR)/$$service.timer ] || \
	    { echo "First: systemctl disable --now $$service.timer" >&2; exit 1; }; \
	done
	@[ -n "$(DESTDIR)" ] || for service in $(BOOT_SERVICES); do \
	    [ ! /etc/systemd/system/multi-user.target.wants/$$service.service -ef $(UNITDIR)/$$service.service ] || \
	    { echo "First: systemctl disable $$service.service" >&2; exit 1; }; \
	done
	rm -f $(addprefix $(DESTDIR),$(PREFIX)/bin/irqscope $(addprefix $(PREFIX)/share/man/man1/,$(MANPAGES)) \
	    $(foreach service,$(SERVICES),$(UNITDIR)/$(service).service $(UNITDIR)/$(service).timer) \
	    $(BOOT_SERVICES:%=$(UNITDIR)/%.service) \
	    $(RULES:%=$(RULEDIR)/%) $(GRAFANADIR)/irqscope.json $(DOCDIR)/LICENSE $(DOCDIR)/CHANGELOG.md \
	    $(BASHDIR)/irqscope $(ZSHDIR)/_irqscope $(FISHDIR)/irqscope.fish \
	    $(EXAMPLEDIR)/cron.d/irqscope-alert $(EXAMPLEDIR)/default/irqscope-alert)
	@for folder in $(RULEDIR) $(GRAFANADIR) $(dir $(RULEDIR)) $(EXAMPLEDIR)/cron.d $(EXAMPLEDIR)/default $(EXAMPLEDIR) $(DOCDIR); do \
	    [ ! -d $(DESTDIR)$$folder ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$$folder; \
	done

deb: build package-tools ## Make a Debian package in dist/
	packaging/make-deb $(BINARY) $(VERSION) $(BUILD)/deb dist

tarball: build package-tools ## Make dist/*.tar.xz for other distributions
	packaging/make-tarball $(BINARY) $(VERSION) $(BUILD)/tarball dist

check-packages: deb tarball check-tools ## Try binary and packages in chroots and QEMU, as root
	packaging/check-packages $(abspath $(BINARY)) $(abspath dist) $(abspath $(BUILD))/check

pictures: build test-tools ## Record the screen that README.md shows anew, as root
	docs/pictures/record-top $(BINARY) >docs/pictures/top.screen
	docs/pictures/screen-to-svg docs/pictures/top.screen >docs/pictures/top.svg

cookbook: libraries ## Make the outputs in docs/cookbook.md and the checks in irqscope-doctor(1) anew
	$(SWIFT) build --product irqscope --scratch-path $(BUILD)
	docs/cookbook.py --binary $(BUILD)/debug/irqscope --accept
	docs/doctor-checks.py --binary $(BUILD)/debug/irqscope --accept

clean: ## Remove what was built
	rm -rf $(BUILD) dist

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
	@Tests/tools/perfetto-classes $(BUILD)/tools/perfetto
bench-tools:
	$(call ensure,$(BENCH_TOOLS))
package-tools:
	$(call ensure,$(PACKAGE_TOOLS))
check-tools:
	$(call ensure,$(CHECK_TOOLS))
