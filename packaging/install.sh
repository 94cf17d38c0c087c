#!/bin/sh
# Installs irqscope below /usr/local, or elsewhere: PREFIX=/opt/irqscope ./install.sh. Nothing is enabled or started.
# ./install.sh remove takes the same files away.
set -eu
cd "$(dirname "$0")/files"
prefix=${PREFIX:-/usr/local} to=${DESTDIR:-}${PREFIX:-/usr/local}
find . -type f | while read -r file; do
    if [ "${1:-}" = remove ]; then rm -f "$to/$file"; continue; fi
    mkdir -p "$to/$(dirname "$file")"
    # Units and the crontab name where irqscope is.
    case $file in */systemd/*|*/cron.d/*) sed "s,/usr/local/bin,$prefix/bin," "$file" >"$to/$file" ;; *) cp "$file" "$to/$file" ;; esac
    if [ -x "$file" ]; then chmod 755 "$to/$file"; else chmod 644 "$to/$file"; fi
done
[ "${1:-}" != remove ] || for folder in share/doc/irqscope/examples/* share/doc/irqscope/examples share/doc/irqscope \
    share/irqscope/* share/irqscope; do rmdir "$to/$folder" 2>/dev/null || :; done
