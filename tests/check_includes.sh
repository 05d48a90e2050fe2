#!/bin/sh
# Fails when a file includes what its folder may not; the table is in ARCHITECTURE.md.
set -eu
cd "$(dirname "$0")/.."
status=0
# only HEADER-PATTERN FOLDER...: that header may be included below these folders only.
only() {
    pattern=$1; shift
    allowed=$(printf '|^%s/' "$@")
    if hits=$(grep -rnE "#include <($pattern)" cli core --include='*.[ch]pp' | grep -vE "${allowed#|}"); then
        echo "only $* may include <$pattern>:"; echo "$hits"; status=1
    fi
}
# never FROM TO: no file below FROM includes a header of TO.
never() {
    if hits=$(grep -rnE "#include \"$2/" "$1" --include='*.[ch]pp'); then
        echo "$1/ may not include $2/:"; echo "$hits"; status=1
    fi
}
only 'pqxx/' core/store
only 'curl/' core/net
only 'pugixml' core/feed
only 'libxml/' core/page
only 'yaml-cpp/' core/sources core/intel
only 'openssl/' core/base
only 'microhttpd' core/monitor
only 'date/' core/monitor
only 'uchardet|iconv' core/base
only 're2/' core/intel core/page
only 'libpsl' core/intel
only 'CLI/' cli
only 'zlib|zstd' cli
never core cli
for pure in base feed page intel export search sources; do
    for other in net store collect monitor; do never "core/$pure" "core/$other"; done
done
for pure in feed page intel export search sources; do
    for other in feed page intel export search sources; do [ $pure = $other ] || never "core/$pure" "core/$other"; done
done
for low in net store; do
    for other in feed page intel export sources collect monitor; do never "core/$low" "core/$other"; done
done
never core/net core/store
never core/net core/search
never core/store core/net
if hits=$(grep -rnE 'std::regex' cli core --include='*.[ch]pp'); then
    echo "std::regex recurses on long input; use RE2 or a scanner:"; echo "$hits"; status=1
fi
exit $status
