# Functions for scripts that boot stock Debian kernels in QEMU from an initramfs; sourced, with $work (a directory of
# its own) and $arch set. Nothing is installed: packages are only downloaded and unpacked, with an apt state of their
# own, so the host's list of architectures stays as it is.

# unpack_packages SUITE META PACKAGE…: the kernel that META depends on and the packages, into $work/unpacked; sets $kernel
# (the package) and $version. SUITE may be one with -backports. Status 1 if a package cannot be had.
unpack_packages() {
    local suite=$1 meta=$2 base=${1%-backports} deb packages
    shift 2
    # The host's own package mirror, unless MIRROR names another.
    local mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep '/debian/*$' | head -n 1)}
    mirror=${mirror%/}
    rm -rf "$work/unpacked"
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial,debs,unpacked}
    : >"$work/state/status"
    cat >"$work/sources.list" <<LIST
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $base main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror}-security $base-security main
LIST
    [ "$suite" = "$base" ] ||
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >>"$work/sources.list"
    local apt=(-q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User=root
        -o Dir::State="$work/state" -o Dir::State::status="$work/state/status" -o Dir::Cache="$work/cache"
        -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o Acquire::Languages=none)
    # What is in backports is only taken where it is asked for.
    [ "$suite" = "$base" ] || apt+=(-o APT::Default-Release="$suite")
    apt-get "${apt[@]}" update || echo "some package lists are missing; going on with the others" >&2
    # The meta package names the current kernel.
    kernel=$(apt-cache "${apt[@]}" depends "$meta" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$kernel" ] || return 1
    version=${kernel#linux-image-}
    # Since Linux 7 the kernel itself and its modules are packages of their own.
    packages=("$kernel" $(apt-cache "${apt[@]}" depends "$kernel" | sed -n 's/^ *Depends: \(linux-.*\)/\1/p' |
        { grep -F -- "-$version" || true; }) "$@")
    (cd "$work/debs" && apt-get "${apt[@]}" download "${packages[@]}") || return 1
    for deb in "${packages[@]}"; do
        dpkg-deb -x "$(ls -t "$work/debs/${deb}"_*.deb | head -n 1)" "$work/unpacked"
    done
}

# add_modules MODULE…: the kernel's modules in the order modprobe would load them, into $work/root/modules, with a list.
# The host's kmod reads another machine's modules too. Newer kernels have theirs packed, which insmod may not read.
add_modules() {
    local base=$work/unpacked module ko
    [ -d "$base/lib/modules" ] || base=$work/unpacked/usr
    mkdir -p "$work/root/modules"
    depmod -b "$base" "$version"
    for module; do
        modprobe -d "$base" -S "$version" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r ko; do
        case $ko in
        *.xz) xz -dc "$ko" >"$work/root/modules/$(basename "$ko" .xz)"; ko=${ko%.xz} ;;
        *) cp "$ko" "$work/root/modules/" ;;
        esac
        echo "/modules/${ko##*/}"
    done >"$work/root/modules/list"
}

# add_start: the beginning of every init, as $work/root/start: modules, disks ($LOAD and $disk), network, $machine.
add_start() {
    mkdir -p "$work/root"/{proc,sys,dev,rec}
    cat >"$work/root/start" <<'START'
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
mount -t tracefs tracefs /sys/kernel/tracing; mount -t tmpfs tmpfs /rec; mkdir -p /tmp /root
while read -r ko; do insmod "$ko"; done </modules/list
sleep 1
# Disks are probed in any order: know them by their serial numbers.
for d in /sys/block/vd?; do
    case $(cat $d/serial) in load) export LOAD=/dev/${d##*/} ;; out) disk=/dev/${d##*/} ;; esac
done
[ -n "$LOAD" ] && [ -n "$disk" ] || { echo no disks; reboot -f; }
machine=$(sed 's/.*machine=\([^ ]*\).*/\1/' /proc/cmdline)
hostname "$machine"
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
START
}

# pack_root: $work/root becomes $work/initrd.
pack_root() { (cd "$work/root" && find . | cpio -o -H newc --quiet) | zstd -q -3 -f -o "$work/initrd"; }

# make_disks: empty disks, one to be read as load and one that takes the results as a tar.
make_disks() {
    rm -f "$work/load.img" "$work/out.img"
    truncate -s 1G "$work/load.img"
    truncate -s 256M "$work/out.img"
}

# add_busybox: its static program, into $work/root/bin.
add_busybox() {
    mkdir -p "$work/root/bin"
    cp "$(find "$work/unpacked/" -path '*bin/busybox' -type f | head -n 1)" "$work/root/bin/"
}

# amd64_qemu [CPUS]: the command for a machine of two CPUs, or as many, with an NVMe disk.
amd64_qemu() {
    qemu=(qemu-system-x86_64 -M q35 -cpu max -smp "${1:-2}" -m 1024
        -drive "file=$work/load.img,if=none,id=nvm,format=raw,readonly=on" -device nvme,serial=1,drive=nvm,addr=1)
}

# kernel_image: the file of the unpacked kernel, which newer packages have beside the modules.
kernel_image() {
    find "$work/unpacked/" \( -path "*/boot/vmlinu?-$version" -o -path "*/modules/$version/vmlinu?" \) | head -n 1
}

# accelerator: what QEMU shall run amd64 with: ACCEL, or KVM where the kernel comes as far as its first words with it, or TCG.
# One thread for all CPUs there: with more, a CPU that runs into code that another one is patching (which is what
# switching a tracepoint on does) may loop in int3 for ever, a fault of the emulator (seen with QEMU 7.2), and
# more busy CPUs than the host has cores starve each other.
accelerator() {
    if [ -n "${ACCEL:-}" ]; then
        echo "$ACCEL"
    # Without a root it panics, and panic=-1 ends the machine. A host that is a guest itself may have a /dev/kvm that hangs.
    elif [ -w /dev/kvm ] && timeout 10 qemu-system-x86_64 -accel kvm -cpu max -m 512 -nographic -no-reboot -nodefaults \
        -serial stdio -kernel "$(kernel_image)" -append "console=ttyS0 panic=-1" </dev/null 2>&1 | grep -aq 'Linux version'; then
        echo kvm
    else
        echo tcg,thread=single
    fi
}

# boot CONSOLE NIC APPEND AT_LOAD AT_NIC [OPTION…]: runs $qemu with the disks until it ends; $work/console.log has what it
# printed. AT_… place a device (",addr=5"), NICE is nice(1) of the emulator, LIMIT_SECONDS the longest time.
boot() {
    local console=$1 nic=$2 append=$3 at_load=$4 at_nic=$5 accel=()
    shift 5
    [ "$arch" != amd64 ] || accel=(-accel "$(accelerator)")
    timeout "${LIMIT_SECONDS:-900}" nice -n "${NICE:-10}" "${qemu[@]}" "${accel[@]}" -nographic -no-reboot -nodefaults -serial mon:stdio \
        -kernel "$(kernel_image)" \
        -initrd "$work/initrd" -append "console=$console panic=-1 quiet $append" \
        -drive "file=$work/load.img,if=none,id=load,format=raw,readonly=on" \
        -device "virtio-blk,drive=load,serial=load$at_load" \
        -drive "file=$work/out.img,if=none,id=out,format=raw" -device virtio-blk,drive=out,serial=out \
        -netdev user,id=n0,restrict=on -device "$nic,netdev=n0$at_nic" "$@" </dev/null | tee "$work/console.log"
}
