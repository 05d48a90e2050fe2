#!/usr/bin/env bash
# Changes, cuts and exchanges the files of backups, and kills what makes, verifies, removes and restores them. Ends with lines of
# figures, and with 0 only where every change was seen and nothing was lost.
#   tests/campaigns/backup.sh [FLIPS [TRUNCATIONS [EXCHANGES [KILLS [OF_A_BUCKET]]]]]     1000 200 50 300 100
set -euo pipefail
cd "$(dirname "$0")/../.."
for number in "$@"; do
    [[ $number =~ ^[0-9]+$ ]] || { echo "backup.sh: error: '$number' is not a number" >&2; exit 2; }
done
CTI_BACKUP_CAMPAIGN="${1:-1000} ${2:-200} ${3:-50} ${4:-300}" \
    CTI_S3_KILLS="${5:-100}" tests/campaigns/run_tests.sh '(bucket: )?[0-9]+ (flips|kills).*' no_changed_backup no_kill_loses no_kill_leaves_half
