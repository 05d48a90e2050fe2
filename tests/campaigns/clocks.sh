#!/usr/bin/env bash
# Three monitors, one of each kind of schedule (interval, due, cron), whose wall clock is set by -1 d, -600 s, -1 s, +1 s, +400 s and
# +1 d while they work. After each step a round must come within the period and 5 s (cron: 65 s, due: 15 s), and /health and /livez must answer 200
# all the time. Prints what came when; 0 only where all came in time. Takes about seven minutes.
#   tests/campaigns/clocks.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
CTI_CLOCK_CAMPAIGN=1 \
    tests/campaigns/run_tests.sh 'clocks: .*' the_clock_is_set_and_the_rounds
