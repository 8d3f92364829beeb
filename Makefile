# make, make check, make test, make install: README.md says what they are for.

PREFIX = /usr
# static: dist/holdfast. node: dist/holdfast-node, under the same name.
RUNTIME = static
DRACUTMODULESDIR = $(shell pkg-config --variable=dracutmodulesdir dracut 2> /dev/null || echo $(PREFIX)/lib/dracut/modules.d)
DRACUTCONFDIR = $(dir $(DRACUTMODULESDIR))dracut.conf.d
SYSTEMDUNITDIR = $(PREFIX)/lib/systemd/system

# The Node that npm brings, whatever the system's own is.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
TSX = node --import tsx
MODULES = node_modules/.package-lock.json
# The program itself: its wrapper package names platforms that not every registry carries.
BIOME = node_modules/@biomejs/cli-linux-x64/biome
SOURCES = $(shell find src -type f) package.json $(MODULES)
SCRIPTS = $(shell find .ci/run build dracut-module test -name node_modules -prune -o -name '*.sh' -print -o -path .ci/run -print)

executable.static = dist/holdfast
executable.node = dist/holdfast-node

all: dist/holdfast dist/holdfast-node

dist/holdfast: $(SOURCES) $(wildcard build/engine/*) build/static.ts build/engine.ts build/bundle.ts
	$(TSX) build/static.ts

dist/holdfast-node: $(SOURCES) build/pkg.ts build/bundle.ts
	$(TSX) build/pkg.ts

$(MODULES): package-lock.json
	npm ci --ignore-scripts
	touch $@

prerequisites:
	build/install-prerequisites.sh

check: types lint all
	$(TSX) build/test.ts unit behaviour

types: $(MODULES)
	tsc

lint: $(MODULES)
	$(BIOME) check
	shellcheck $(SCRIPTS)
	shfmt -d $(SCRIPTS)

format: $(MODULES)
	$(BIOME) check --write
	shfmt -w $(SCRIPTS)

test: prerequisites all
	$(TSX) build/test.ts unit behaviour vm

soak: prerequisites all
	$(TSX) build/test.ts soak

demo: prerequisites all
	$(TSX) build/demo.ts

bench: prerequisites all
	$(TSX) test/bench/bench.ts
	$(BIOME) check --write README.md


install: $(executable.$(RUNTIME))
	install -D -m 755 $< $(DESTDIR)$(PREFIX)/sbin/holdfast
	install -d $(DESTDIR)$(DRACUTMODULESDIR)/50holdfast
	install -m 755 dracut-module/50holdfast/* $(DESTDIR)$(DRACUTMODULESDIR)/50holdfast
	install -D -m 644 dracut-module/holdfast.conf $(DESTDIR)$(DRACUTCONFDIR)/50-holdfast.conf
	install -d $(DESTDIR)$(SYSTEMDUNITDIR)/sysinit.target.wants
	sed 's,/usr/sbin/,$(PREFIX)/sbin/,' systemd/holdfast-monitor.service > $(DESTDIR)$(SYSTEMDUNITDIR)/holdfast-monitor.service
	chmod 644 $(DESTDIR)$(SYSTEMDUNITDIR)/holdfast-monitor.service
	ln -sf ../holdfast-monitor.service $(DESTDIR)$(SYSTEMDUNITDIR)/sysinit.target.wants/holdfast-monitor.service
	install -D -m 644 man/holdfast.8 $(DESTDIR)$(PREFIX)/share/man/man8/holdfast.8
	install -D -m 644 man/holdfast.cmdline.7 $(DESTDIR)$(PREFIX)/share/man/man7/holdfast.cmdline.7
	install -D -m 644 completion/holdfast.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/holdfast
	install -D -m 644 completion/_holdfast $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_holdfast

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/holdfast
	rm -rf $(DESTDIR)$(DRACUTMODULESDIR)/50holdfast
	rm -f $(DESTDIR)$(DRACUTCONFDIR)/50-holdfast.conf
	rm -f $(DESTDIR)$(SYSTEMDUNITDIR)/holdfast-monitor.service
	rm -f $(DESTDIR)$(SYSTEMDUNITDIR)/sysinit.target.wants/holdfast-monitor.service
	rm -f $(DESTDIR)$(PREFIX)/share/man/man8/holdfast.8
	rm -f $(DESTDIR)$(PREFIX)/share/man/man7/holdfast.cmdline.7
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/holdfast
	rm -f $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_holdfast

clean:
	rm -rf dist

.PHONY: all prerequisites check types lint format test soak demo bench install uninstall clean
.DELETE_ON_ERROR:
