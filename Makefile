# SPDX-License-Identifier: GPL-2.0-or-later
# xnetman. `make help` lists the targets.

O       ?= build
VERSION := $(shell cat VERSION)
PREFIX  ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=

# Kernel to build the module for: the running one if its headers are here, else the newest installed.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(lastword $(sort $(wildcard /usr/src/linux-headers-*-amd64 /lib/modules/*/build))))
KOUT ?= $(O)/kmod
KARCH ?=

# Short lines; V=1 shows the commands.
Q   := $(if $(V),,@)
say  = $(if $(V),,@echo "  $(1)")

.DEFAULT_GOAL := all
.PHONY: all help
all: kmod programs ## build the module and the programs

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- module ---------------------------------------------------------------------------------
# Built in a folder of its own per kernel, so that labs with other kernels don't disturb each other.

KMOD_FILES = $(shell find Kbuild VERSION kmod include tests/kunit -type f)

.PHONY: kmod
kmod: ## build xnetman.ko for KDIR
	@test -n "$(KDIR)" -a -d "$(KDIR)" || { \
		echo "no kernel headers: apt-get install linux-headers-amd64, or make KDIR=..." >&2; exit 1; }
	@mkdir -p $(KOUT)
	@for f in $(KMOD_FILES); do \
		cmp -s $$f $(KOUT)/$$f || { mkdir -p $(KOUT)/$$(dirname $$f) && cp -p $$f $(KOUT)/$$f; } || exit 1; done
	MAKEFLAGS= $(MAKE) -j$(shell nproc) -C $(KDIR) M=$(abspath $(KOUT)) $(if $(KARCH),ARCH=$(KARCH)) W=1 \
		$(if $(C),C=$(C) CF="$(CF)") $(if $(XNETMAN_KUNIT),XNETMAN_KUNIT=1) modules

# --- programs -------------------------------------------------------------------------------

CC      ?= gcc
CFLAGS  ?= -O2 -g -fstack-protector-strong
CPPFLAGS ?= -D_FORTIFY_SOURCE=2
XCFLAGS := -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wno-missing-field-initializers -D_GNU_SOURCE \
	-DXN_VERSION='"$(VERSION)"' -DXN_SYSCONFDIR='"$(SYSCONFDIR)"' -Iinclude -Iinclude/uapi -Iuser
PKGS    := libnl-3.0 libnl-genl-3.0 libnl-route-3.0 libsystemd libcyaml yaml-0.1 jansson ncursesw sqlite3 xenstore \
	xenvchan libnftables libssl libcrypto libmicrohttpd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
# libxenvchan's soname is another one with each release of Xen, what it stands on is the same in all: linked
# statically, one package does for Debian 12 and 13.
PKG_LIBS   := $(patsubst -lxenvchan,-l:libxenvchan.a -lxengnttab -lxenevtchn -lxenstore,\
	$(shell pkg-config --libs $(PKGS) 2>/dev/null))

objs = $(patsubst %.c,$(O)/obj/%.o,$(wildcard user/$(1)/*.c))
LIB_OBJS  := $(call objs,core) $(call objs,common)
PROGRAMS  := $(O)/bin/xnetmand $(O)/bin/xnetman-ctl $(O)/bin/xnetman-guest $(O)/bin/xnetman-web

.PHONY: programs
programs: $(PROGRAMS) ## build xnetmand, xnetman-ctl, xnetman-guest and xnetman-web

# What a guest's small machine has to carry: nothing of the definitions.
GUEST_OBJS := $(call objs,guest) $(call objs,channel) $(patsubst %,$(O)/obj/user/%.o, \
	common/address common/err common/readfile common/report common/report_html common/report_text core/resource core/units daemon/files daemon/log)

# The client half: of the daemon it needs nothing but its log.
WEB_OBJS := $(call objs,web) $(patsubst %,$(O)/obj/user/%.o, \
	common/address common/asset common/browser common/buserror common/busjson common/err common/names core/resource core/units ctl/output daemon/log)
# its page is in the program
$(O)/obj/user/web/asset.o $(O)/san/user/web/asset.o: $(wildcard user/web/page/*)

DAEMON_OBJS := $(call objs,daemon) $(call objs,channel) $(LIB_OBJS)
$(O)/bin/xnetmand: $(DAEMON_OBJS)
$(O)/bin/xnetman-guest: $(GUEST_OBJS)
$(O)/bin/xnetman-web: $(WEB_OBJS)
$(O)/bin/xnetman-ctl: $(call objs,ctl) $(LIB_OBJS)
# What functional tests and experiments drive parts of the daemon with, measure with, and send with.
DRIVERS := $(O)/bin/drive-table $(O)/bin/transit $(O)/bin/stream
programs: $(DRIVERS)
$(O)/bin/drive-table: $(O)/obj/tests/netns/table.o $(filter-out %/main.o,$(DAEMON_OBJS))
$(O)/bin/transit: $(O)/obj/tests/netns/transit.o
$(O)/bin/stream: $(O)/obj/tests/eval/stream.o
$(PROGRAMS) $(DRIVERS):
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(PKG_LIBS) -lm

# By both names: O is relative here, and absolute where the lab builds in the same folder.
DEPFLAGS = -MMD -MP -MT $(patsubst $(CURDIR)/%,%,$@) -MT $(abspath $@)

# --- virtual machine server -----------------------------------------------------------------
# Runs where there need be nothing of the rest, so it has libraries and a package of its own. What soapcpp2
# makes of the one service header is neither kept nor checked: others' code, without our warnings.

VMS_PKGS := libvirt libxml-2.0 libmicrohttpd gnutls libpq libarchive sqlite3 libsystemd libcrypto libssh
VMS_CFLAGS = $(shell pkg-config --cflags $(VMS_PKGS) gsoapssl) -I$(O)
# libgsoap's soname is another one with each release: linked statically, as libxenvchan above.
GSOAP_LIBS := -l:libgsoapssl.a -lssl -lcrypto -lz
VMS_LIBS = $(shell pkg-config --libs $(VMS_PKGS)) $(GSOAP_LIBS)
GSOAP    := $(O)/gsoap
GSOAP_C  := $(GSOAP)/xnvC.c $(GSOAP)/xnvServer.c $(GSOAP)/xnvClient.c

# its page is in the program
$(O)/obj/user/vms/web.o: $(wildcard user/vms/web/*) user/web/page/icon.svg

$(GSOAP)/.made: user/vms/service.gsoap
	@mkdir -p $(@D)
	$(call say,SOAPCPP2 $<)
	$(Q)soapcpp2 -c -1 -s -x -L -u -pxnv -d $(GSOAP) $< >$(GSOAP)/log 2>&1 || { cat $(GSOAP)/log >&2; exit 1; }
	$(Q)sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $(GSOAP)/VirtualMachineServer.wsdl >$(GSOAP)/wsdl.inc
	$(Q)touch $@
$(GSOAP_C): $(GSOAP)/.made

VMS_OBJS := $(call objs,vms) $(patsubst %,$(O)/obj/user/%.o,common/address common/asset common/browser common/err common/names \
	common/readfile daemon/files daemon/log)
$(call objs,vms) $(call objs,xnetvms): | $(GSOAP)/.made
$(call objs,vms) $(call objs,xnetvms): PKG_CFLAGS += $(VMS_CFLAGS)
$(GSOAP)/%.o: $(GSOAP)/%.c
	$(call say,CC      $<)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) -fPIC $(shell pkg-config --cflags gsoapssl) -fvisibility=hidden -c -o $@ $<

VMS_PROGRAMS := $(O)/bin/xnetman-vms $(O)/bin/xnetman-vmctl
XNETVMS := $(O)/lib/libxnetvms.so.1
$(call objs,xnetvms): PKG_CFLAGS += -fPIC -fvisibility=hidden
$(O)/bin/xnetman-vms: $(VMS_OBJS) $(GSOAP)/xnvC.o $(GSOAP)/xnvServer.o
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(VMS_LIBS)

$(XNETVMS): user/xnetvms/xnetvms.map $(call objs,xnetvms) $(GSOAP)/xnvC.o $(GSOAP)/xnvClient.o
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,-z,defs -Wl,--version-script=user/xnetvms/xnetvms.map -o $@ \
		$(filter %.o,$^) \
		$(GSOAP_LIBS)
	$(Q)ln -sf $(@F) $(basename $@)

# Its arguments and its tables are xnetman-ctl's. It has the library inside, so that it runs where it was built.
VMCTL_OBJS := $(call objs,vmctl) $(patsubst %,$(O)/obj/user/%.o,ctl/args ctl/dispatch ctl/output ctl/table \
	ctl/words common/err common/readfile core/resource core/units)
$(O)/bin/xnetman-vmctl: $(VMCTL_OBJS) $(call objs,xnetvms) $(GSOAP)/xnvC.o $(GSOAP)/xnvClient.o
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(GSOAP_LIBS) -ljansson -lm

.PHONY: vms
vms: $(VMS_PROGRAMS) $(XNETVMS) ## build the virtual machine server and its clients

# Its unit tests and load test, built and run by tests/vms/run.
VMS_TESTS := $(patsubst tests/vms/unit/%.c,$(O)/test/%,$(wildcard tests/vms/unit/*_test.c))
$(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/vms/unit/*.c)): PKG_CFLAGS += $(VMS_CFLAGS)
$(VMS_TESTS): $(O)/test/%: $(O)/obj/tests/vms/unit/%.o $(filter-out %/main.o,$(VMS_OBJS)) \
		$(GSOAP)/xnvC.o $(GSOAP)/xnvServer.o
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(VMS_LIBS) -lcmocka

$(O)/bin/vms-load: $(O)/obj/tests/vms/load.o $(call objs,xnetvms) $(GSOAP)/xnvC.o $(GSOAP)/xnvClient.o
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(GSOAP_LIBS) -lpthread

.PHONY: vms-tests
vms-tests: vms $(VMS_TESTS)

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC      $<)
	$(Q)$(CC) $(XCFLAGS) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) $(DEPFLAGS) -c -o $@ $<

-include $(wildcard $(O)/obj/user/*/*.d $(O)/obj/tests/*/*.d $(O)/obj/tests/vms/unit/*.d)

# --- tests ----------------------------------------------------------------------------------

# tests/unit/NAME_test.c are cmocka programs over core, common and (for daemon_*) the daemon
# without its main(), under ASan and UBSan.
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_TESTS := $(patsubst tests/unit/%.c,$(O)/test/%,$(wildcard tests/unit/*_test.c))
UNIT_OBJS   = $(patsubst $(O)/obj/%,$(O)/san/%,$(filter-out %/main.o,$(DAEMON_OBJS) $(call objs,ctl) \
	$(call objs,guest) $(call objs,web)) $(patsubst %.c,$(O)/obj/%.o,$(filter-out %_test.c,$(wildcard tests/unit/*.c))))

.PHONY: unit
unit: $(UNIT_TESTS)

$(O)/san/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC      $<)
	$(Q)$(CC) $(XCFLAGS) -O1 -g -U_FORTIFY_SOURCE $(SAN) $(PKG_CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(O)/san/libxnetman-test.a: $(UNIT_OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/test/%: $(O)/san/tests/unit/%.o $(O)/san/libxnetman-test.a
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(SAN) -o $@ $^ $(PKG_LIBS) -lcmocka -lm

-include $(wildcard $(O)/san/user/*/*.d $(O)/san/tests/*/*.d)
.SECONDARY:

# What is run, and on what it stands. Each installs the packages it lacks.
.PHONY: check check-kernels check-xen demo eval eval-fig4 eval-fig5c bench bench-check style
check: ## run every test that needs no Xen (also: make check T="unit netns-uml")
	@scripts/deps build test test-web demo perf deb root lab-uml lab-qemu bench vms vms-test
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs vms $(BENCHES)
	@scripts/lab --prepare --engine uml
	@scripts/lab --prepare --engine uml --debug
	@scripts/lab --prepare --engine qemu
	@O=$(O) scripts/lab --prepare --engine qemu --debian bookworm || true
	@O=$(O) scripts/lab --prepare --engine qemu --debian trixie || true
	@O=$(O) scripts/check $(T)

check-kernels: ## every functional test on each kernel: Debian 12's 6.1 and 6.12, Debian 13's
	@scripts/deps build test demo deb root lab-qemu
	@O=$(O) scripts/check --kernels $(T)

check-xen: ## what only Xen has: real DomUs, netback, libvirt, in an emulated Xen host (30 minutes)
	@scripts/deps build deb root lab-xen
	@O=$(O) scripts/lab --prepare --engine xen
	@O=$(O) scripts/check --xen $(T)

demo: ## three networks on one link, live, on Debian's kernel; plots at the end (1 minute)
	@scripts/deps build lab-qemu demo plot
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs
	@scripts/demo

eval-fig4: ## the paper's figure 4 at full rate, 200 s of virtual time
	@scripts/deps build lab-uml demo plot
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs
	@scripts/eval-fig4

eval-fig5c: ## the paper's figure 5(c): round trip times with and without control and priority
	@scripts/deps build lab-uml lab-qemu demo plot
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs
	@scripts/eval-fig5c

eval: ## the papers' experiments and more, against its peers: data, plots, doc/evaluation.md
	@scripts/deps build lab-uml lab-qemu demo plot vms vms-test
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs
	@scripts/eval

BENCHES := $(addprefix $(O)/bin/bench-,tick networks operator admit)
bench: ## what a tick and a packet cost, beside what else could do the job (30 minutes)
	@scripts/deps build demo lab-uml lab-qemu bench
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs $(BENCHES)
	@O=$(O) tests/bench/run $(T)

bench-check: ## does a packet cost more instructions than it did? (1 minute)
	@scripts/deps build demo lab-qemu bench
	@$(MAKE) --no-print-directory -s -j$$(nproc) programs $(BENCHES)
	@O=$(O) tests/bench/check

style: ## check the C files against .clang-format
	@scripts/deps test
	@tests/style

$(O)/bin/bench-%: $(O)/obj/tests/bench/%.o $(LIB_OBJS)
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(PKG_LIBS) -lm

$(O)/bin/bench-operator: $(O)/obj/tests/bench/operator.o $(filter-out %/main.o,$(DAEMON_OBJS))
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(PKG_LIBS) -lm

$(O)/bin/bench-admit: $(O)/obj/tests/bench/admit.o $(filter-out %/main.o,$(DAEMON_OBJS))
	@mkdir -p $(@D)
	$(call say,LD      $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(PKG_LIBS) -lm

# --- install --------------------------------------------------------------------------------

INSTALL ?= install
LIBDIR  ?= $(PREFIX)/lib
VMS_PAGES := $(wildcard doc/man/xnetman-vm*.[0-9])
MAN_PAGES := $(filter-out $(VMS_PAGES),$(wildcard doc/man/*.[0-9]))
.PHONY: install vms-install module-install dkms-source dkms-install deb uninstall
install: programs ## install the programs, units, D-Bus policy, manual pages (PREFIX, DESTDIR)
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(SYSCONFDIR)/xnetman/networks.d
	$(INSTALL) -m 0755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/sbin/
	$(INSTALL) -d $(DESTDIR)/lib/systemd/system
	for unit in xnetmand xnetman-guest xnetman-web; do sed "s|/usr/sbin/$$unit|$(PREFIX)/sbin/$$unit|" \
		dist/$$unit.service >$(DESTDIR)/lib/systemd/system/$$unit.service || exit 1; done
	$(INSTALL) -D -m 0644 dist/org.xnetman1.conf $(DESTDIR)/usr/share/dbus-1/system.d/org.xnetman1.conf
	for users in xnetman xnetman-web; do $(INSTALL) -D -m 0644 dist/sysusers/$$users.conf \
		$(DESTDIR)/usr/lib/sysusers.d/$$users.conf || exit 1; done
	for program in xnetman-ctl xnetman-web; do $(INSTALL) -D -m 0644 dist/completion/$$program \
		$(DESTDIR)/usr/share/bash-completion/completions/$$program || exit 1; done
	$(INSTALL) -D -m 0755 dist/xen/xnetman.hook $(DESTDIR)$(SYSCONFDIR)/xen/scripts/vif-post.d/xnetman.hook
	for page in $(MAN_PAGES); do $(INSTALL) -D -m 0644 $$page \
		$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done
	test -e $(DESTDIR)$(SYSCONFDIR)/xnetman/xnetman.yaml || $(INSTALL) -m 0644 \
		dist/xnetman.yaml $(DESTDIR)$(SYSCONFDIR)/xnetman/xnetman.yaml

vms-install: vms ## install the virtual machine server and its clients (PREFIX, LIBDIR, DESTDIR)
	$(INSTALL) -D -m 0755 $(O)/bin/xnetman-vms $(DESTDIR)$(PREFIX)/sbin/xnetman-vms
	$(INSTALL) -D -m 0755 $(O)/bin/xnetman-vmctl $(DESTDIR)$(PREFIX)/bin/xnetman-vmctl
	$(INSTALL) -D -m 0644 $(XNETVMS) $(DESTDIR)$(LIBDIR)/$(notdir $(XNETVMS))
	ln -sf $(notdir $(XNETVMS)) $(DESTDIR)$(LIBDIR)/$(notdir $(basename $(XNETVMS)))
	$(INSTALL) -D -m 0644 include/xnetman/vms.h $(DESTDIR)$(PREFIX)/include/xnetman/vms.h
	$(INSTALL) -d $(DESTDIR)/lib/systemd/system
	sed "s|/usr/sbin/xnetman-vms|$(PREFIX)/sbin/xnetman-vms|" dist/xnetman-vms.service \
		>$(DESTDIR)/lib/systemd/system/xnetman-vms.service
	$(INSTALL) -D -m 0644 dist/sysusers/xnetman-vms.conf $(DESTDIR)/usr/lib/sysusers.d/xnetman-vms.conf
	$(INSTALL) -D -m 0644 dist/completion/xnetman-vmctl \
		$(DESTDIR)/usr/share/bash-completion/completions/xnetman-vmctl
	for page in $(VMS_PAGES); do $(INSTALL) -D -m 0644 $$page \
		$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done

module-install: kmod ## install xnetman.ko for KDIR's kernel
	$(MAKE) -C $(KDIR) M=$(abspath $(KOUT)) modules_install
	depmod -a

DKMS_SRC := $(DESTDIR)/usr/src/xnetman-$(VERSION)
dkms-source:
	rm -rf $(DKMS_SRC)
	for f in dkms.conf COPYING $(KMOD_FILES); do \
		$(INSTALL) -D -m 0644 $$f $(DKMS_SRC)/$$f || exit 1; done
	sed -i "s/#MODULE_VERSION#/$(VERSION)/" $(DKMS_SRC)/dkms.conf

dkms-install: dkms-source ## give the module to DKMS, so that every kernel gets it
	@scripts/deps --packages dkms
	dkms remove -m xnetman -v $(VERSION) --all 2>/dev/null || true
	dkms add -m xnetman -v $(VERSION)
	for build in /lib/modules/*/build; do \
		kernel=$${build%/build}; \
		MAKEFLAGS= dkms install -m xnetman -v $(VERSION) -k $${kernel##*/} || [ $$? -eq 77 ] || exit 1; done

deb: ## build the Debian packages, into $(O)/deb
	@O=$(O) scripts/deb

uninstall: ## remove what `make install` installed; definitions stay
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/sbin/,xnetmand xnetman-ctl xnetman-guest xnetman-web) \
		$(DESTDIR)/lib/systemd/system/xnetmand.service \
		$(DESTDIR)/lib/systemd/system/xnetman-guest.service \
		$(DESTDIR)/lib/systemd/system/xnetman-web.service \
		$(DESTDIR)/usr/share/dbus-1/system.d/org.xnetman1.conf \
		$(addprefix $(DESTDIR)/usr/lib/sysusers.d/,xnetman.conf xnetman-web.conf) \
		$(addprefix $(DESTDIR)/usr/share/bash-completion/completions/,xnetman-ctl xnetman-web xnetman-vmctl) \
		$(DESTDIR)$(SYSCONFDIR)/xen/scripts/vif-post.d/xnetman.hook \
		$(DESTDIR)$(PREFIX)/sbin/xnetman-vms $(DESTDIR)$(PREFIX)/bin/xnetman-vmctl \
		$(DESTDIR)$(LIBDIR)/libxnetvms.so $(DESTDIR)$(LIBDIR)/libxnetvms.so.1 \
		$(DESTDIR)$(PREFIX)/include/xnetman/vms.h \
		$(DESTDIR)/lib/systemd/system/xnetman-vms.service \
		$(DESTDIR)/usr/lib/sysusers.d/xnetman-vms.conf
	for page in $(MAN_PAGES) $(VMS_PAGES); do \
		rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

.PHONY: clean
clean: ## remove what was built
	rm -rf $(O)
