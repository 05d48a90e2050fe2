# bash completion of cti, written by 'cti completion bash'.
# shellcheck shell=bash disable=SC2034

# _cti_table PATH: what may follow it.
_cti_table() {
    commands=() options=() argument=()
    case $1 in
    'cti')
        commands=(init sources collect monitor articles latest show next open search stats export import analyze healthcheck jobs schedules serve worker backup restore doctor settings intel inspect completion version help)
        options=(-h --help -V --version --database-url --config --settings -q --quiet -v --verbose --color --log-format)
        argument=() ;;
    'cti init')
        commands=()
        options=(-h --help -n --dry-run --no-sources --prune --sync-active --sync-schedule --validate-feeds --allow-private --reset --confirm --secrets-file --time-zone)
        argument=() ;;
    'cti sources')
        commands=(list show add edit enable disable remove test discover diff import export)
        options=(-h --help)
        argument=() ;;
    'cti sources list')
        commands=()
        options=(-h --help --active --inactive --failing --sort --format)
        argument=() ;;
    'cti sources show')
        commands=()
        options=(-h --help --checks --dropped --format)
        argument=(dynamic sources) ;;
    'cti sources add')
        commands=()
        options=(-h --help --rss-url --check-frequency --lookback-days --tier --weight --set --inactive --timeout --allow-private --user-agent)
        argument=(other) ;;
    'cti sources edit')
        commands=()
        options=(-h --help --name --url --rss-url --check-frequency --lookback-days --tier --weight --set)
        argument=(dynamic sources) ;;
    'cti sources enable')
        commands=()
        options=(-h --help)
        argument=(dynamic sources) ;;
    'cti sources disable')
        commands=()
        options=(-h --help)
        argument=(dynamic sources) ;;
    'cti sources remove')
        commands=()
        options=(-h --help -y --yes --with)
        argument=(dynamic sources) ;;
    'cti sources test')
        commands=()
        options=(-h --help -a --all --json --timeout --allow-private --user-agent --per-host --host-delay --no-pages --title-filter --proxy --secrets-file)
        argument=(dynamic sources) ;;
    'cti sources discover')
        commands=()
        options=(-h --help --format --timeout --allow-private --user-agent)
        argument=(other) ;;
    'cti sources diff')
        commands=()
        options=(-h --help)
        argument=() ;;
    'cti sources import')
        commands=()
        options=(-h --help --format -n --dry-run)
        argument=(file) ;;
    'cti sources export')
        commands=()
        options=(-h --help --format --active -o --output)
        argument=() ;;
    'cti collect')
        commands=()
        options=(-h --help -s --source -f --force -n --dry-run --restore-deleted --index --fail-on --max-time --format --metrics-file -j --jobs --workers --timeout --allow-private --user-agent --per-host --host-delay --no-pages --title-filter --proxy --secrets-file --lease --db-wait --galaxy --warninglist --lexicon)
        argument=() ;;
    'cti monitor')
        commands=()
        options=(-h --help --interval --schedule --collect-schedule --housekeeping-schedule --tz --cycle-limit --keep-days --once --listen --metrics-max-sources --enable-control --control-token-file --webhook --webhook-failures --webhook-min-score --webhook-stale --workers --export-dir --backup-dir --s3-endpoint --s3-style --backup-encrypt --backup-encrypt-key --backup-decrypt-key --llm-url --llm-api --model --llm-timeout --llm-concurrency -j --jobs --text-workers --timeout --allow-private --user-agent --per-host --host-delay --no-pages --title-filter --proxy --secrets-file --lease --db-wait --galaxy --warninglist --lexicon)
        argument=() ;;
    'cti articles')
        commands=()
        options=(-h --help --query --days --since --until --by -s --source --tag --min-score --ids --limit --order --web-compat --new --as --mark --format)
        argument=() ;;
    'cti latest')
        commands=()
        options=(-h --help --query --days --since --until --by -s --source --tag --min-score --ids --limit --order --web-compat --new --as --mark --format)
        argument=() ;;
    'cti show')
        commands=()
        options=(-h --help --as --keep-unread --json --markdown --raw --sigma --width --no-pager)
        argument=(dynamic articles) ;;
    'cti next')
        commands=()
        options=(-h --help --query --days --since --until --by -s --source --tag --min-score --ids --limit --order --web-compat --as --keep-unread --json --markdown --raw --sigma --width --no-pager)
        argument=() ;;
    'cti open')
        commands=()
        options=(-h --help --print --as --keep-unread)
        argument=(dynamic articles) ;;
    'cti search')
        commands=()
        options=(-h --help --query --days --since --until --by -s --source --tag --min-score --ids --limit --order --web-compat --format)
        argument=(other) ;;
    'cti stats')
        commands=()
        options=(-h --help --format)
        argument=() ;;
    'cti export')
        commands=()
        options=(-h --help --query --days --since --until --by -s --source --tag --min-score --ids --limit --order --web-compat --of --fields --no-content --type --marked --tlp --indicators --bulk --defang --stock-programs --format -o --output --output-dir --gzip --zstd --new-since-last --csv-raw --bom --read-database-url)
        argument=() ;;
    'cti import')
        commands=()
        options=(-h --help --format --csv-raw --sqlite --source -n --dry-run --restore-deleted --galaxy --warninglist --lexicon)
        argument=(file) ;;
    'cti analyze')
        commands=()
        options=(-h --help --task --budget-tokens --max-time --price --force -n --dry-run --llm-url --llm-api --model --llm-timeout --concurrency --days --since --until --by -s --source --tag --min-score --ids --limit --order --web-compat --query --galaxy --warninglist)
        argument=(dynamic sources) ;;
    'cti healthcheck')
        commands=()
        options=(-h --help --timeout)
        argument=(other) ;;
    'cti jobs')
        commands=(status add list show cancel retry release prune)
        options=(-h --help)
        argument=() ;;
    'cti jobs status')
        commands=()
        options=(-h --help --format)
        argument=() ;;
    'cti jobs add')
        commands=(collect export backfill housekeeping backup verify prune analyze)
        options=(-h --help)
        argument=() ;;
    'cti jobs add collect')
        commands=()
        options=(-h --help --source --query --force --limit --restore-deleted --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add export')
        commands=()
        options=(-h --help --output --format --of --query --source --type --days --since --until --limit --new-since-last --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add backfill')
        commands=()
        options=(-h --help --step --again --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add housekeeping')
        commands=()
        options=(-h --help --keep-days --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add backup')
        commands=()
        options=(-h --help --format --compress --only --label --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add verify')
        commands=()
        options=(-h --help --backup --depth --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add prune')
        commands=()
        options=(-h --help --keep-days --keep-daily --keep-weekly --keep-monthly --keep-min --priority --at --unique --wait)
        argument=() ;;
    'cti jobs add analyze')
        commands=()
        options=(-h --help --task --query --source --since --min-score --limit --budget-tokens --force --priority --at --unique --wait)
        argument=() ;;
    'cti jobs list')
        commands=()
        options=(-h --help --state --kind --limit --format)
        argument=() ;;
    'cti jobs show')
        commands=()
        options=(-h --help --format)
        argument=(dynamic jobs) ;;
    'cti jobs cancel')
        commands=()
        options=(-h --help)
        argument=(dynamic jobs) ;;
    'cti jobs retry')
        commands=()
        options=(-h --help)
        argument=(dynamic jobs) ;;
    'cti jobs release')
        commands=()
        options=(-h --help)
        argument=(dynamic jobs) ;;
    'cti jobs prune')
        commands=()
        options=(-h --help --keep-days --keep-dead-days)
        argument=() ;;
    'cti schedules')
        commands=(list add edit enable disable remove run)
        options=(-h --help)
        argument=() ;;
    'cti schedules list')
        commands=()
        options=(-h --help --format)
        argument=() ;;
    'cti schedules add')
        commands=(collect export backfill housekeeping backup verify prune analyze)
        options=(-h --help)
        argument=() ;;
    'cti schedules add collect')
        commands=()
        options=(-h --help --name --cron --tz --priority --source --query --force --limit --restore-deleted)
        argument=() ;;
    'cti schedules add export')
        commands=()
        options=(-h --help --name --cron --tz --priority --output --format --of --query --source --type --days --since --until --limit --new-since-last)
        argument=() ;;
    'cti schedules add backfill')
        commands=()
        options=(-h --help --name --cron --tz --priority --step --again)
        argument=() ;;
    'cti schedules add housekeeping')
        commands=()
        options=(-h --help --name --cron --tz --priority --keep-days)
        argument=() ;;
    'cti schedules add backup')
        commands=()
        options=(-h --help --name --cron --tz --priority --format --compress --only --label)
        argument=() ;;
    'cti schedules add verify')
        commands=()
        options=(-h --help --name --cron --tz --priority --backup --depth)
        argument=() ;;
    'cti schedules add prune')
        commands=()
        options=(-h --help --name --cron --tz --priority --keep-days --keep-daily --keep-weekly --keep-monthly --keep-min)
        argument=() ;;
    'cti schedules add analyze')
        commands=()
        options=(-h --help --name --cron --tz --priority --task --query --source --since --min-score --limit --budget-tokens --force)
        argument=() ;;
    'cti schedules edit')
        commands=()
        options=(-h --help --cron --tz --priority --arguments)
        argument=(dynamic schedules) ;;
    'cti schedules enable')
        commands=()
        options=(-h --help)
        argument=(dynamic schedules) ;;
    'cti schedules disable')
        commands=()
        options=(-h --help)
        argument=(dynamic schedules) ;;
    'cti schedules remove')
        commands=()
        options=(-h --help)
        argument=(dynamic schedules) ;;
    'cti schedules run')
        commands=()
        options=(-h --help)
        argument=(dynamic schedules) ;;
    'cti serve')
        commands=()
        options=(-h --help --listen --metrics-max-sources --enable-control --control-token-file)
        argument=() ;;
    'cti worker')
        commands=()
        options=(-h --help --concurrency --kinds --export-dir --backup-dir --s3-endpoint --s3-style --backup-encrypt --backup-encrypt-key --backup-decrypt-key --llm-url --llm-api --model --llm-timeout --llm-concurrency --webhook --notify --until-empty --job-lease -j --jobs --workers --timeout --allow-private --user-agent --per-host --host-delay --no-pages --title-filter --proxy --secrets-file --lease --db-wait --galaxy --warninglist --lexicon)
        argument=() ;;
    'cti backup')
        commands=(create list show verify prune)
        options=(-h --help)
        argument=() ;;
    'cti backup create')
        commands=()
        options=(-h --help --to --dir --s3-endpoint --s3-style --format --compress --only --label --jobs --read-database-url --encrypt --encrypt-key --encrypt-recipient --webhook --allow-private)
        argument=() ;;
    'cti backup list')
        commands=()
        options=(-h --help --dir --s3-endpoint --s3-style --format)
        argument=() ;;
    'cti backup show')
        commands=()
        options=(-h --help --dir --s3-endpoint --s3-style --format)
        argument=(dynamic backups) ;;
    'cti backup verify')
        commands=()
        options=(-h --help --all --decode --restore --dir --s3-endpoint --s3-style --format --decrypt-key --webhook --allow-private)
        argument=(dynamic backups) ;;
    'cti backup prune')
        commands=()
        options=(-h --help --dir --s3-endpoint --s3-style --keep-days --keep-daily --keep-weekly --keep-monthly --keep-min --dry-run --webhook --allow-private)
        argument=() ;;
    'cti restore')
        commands=()
        options=(-h --help --confirm --migrate --tables --dry-run --no-safety-backup --dir --s3-endpoint --s3-style --decrypt-key --encrypt --encrypt-key --encrypt-recipient)
        argument=(dynamic backups) ;;
    'cti doctor')
        commands=()
        options=(-h --help --env --format)
        argument=() ;;
    'cti settings')
        commands=(show check example)
        options=(-h --help)
        argument=() ;;
    'cti settings show')
        commands=()
        options=(-h --help --all --format)
        argument=() ;;
    'cti settings check')
        commands=()
        options=(-h --help)
        argument=(file) ;;
    'cti settings example')
        commands=()
        options=(-h --help)
        argument=() ;;
    'cti intel')
        commands=(backfill)
        options=(-h --help)
        argument=() ;;
    'cti intel backfill')
        commands=()
        options=(-h --help --step --again --batch --galaxy --warninglist --lexicon)
        argument=() ;;
    'cti inspect')
        commands=(feed page text)
        options=(-h --help)
        argument=() ;;
    'cti inspect feed')
        commands=()
        options=(-h --help --json --url --content-type --timeout --allow-private --user-agent)
        argument=(file) ;;
    'cti inspect page')
        commands=()
        options=(-h --help --json --explain --url --charset --title-selector --body-selector --author-selector --date-selector --timeout --allow-private --user-agent)
        argument=(file) ;;
    'cti inspect text')
        commands=()
        options=(-h --help --json --explain --site --galaxy --warninglist)
        argument=(file) ;;
    'cti completion')
        commands=()
        options=(-h --help)
        argument=(words bash zsh fish) ;;
    'cti version')
        commands=()
        options=(-h --help --sbom)
        argument=() ;;
    'cti help')
        commands=()
        options=()
        argument=(words init sources collect monitor articles latest show next open search stats export import analyze healthcheck jobs schedules serve worker backup restore doctor settings intel inspect completion version) ;;
    esac
    [[ $1 == cti ]] || options+=(-V --version --database-url --config --settings -q --quiet -v --verbose --color --log-format)
}

# _cti_value PATH OPTION: what its value is; nothing for a flag.
_cti_value() {
    value=()
    case $1:$2 in
    'cti init:'--confirm) value=(other) ;;
    'cti init:'--secrets-file) value=(file) ;;
    'cti init:'--time-zone) value=(other) ;;
    'cti sources list:'--sort) value=(words identifier failures articles success next) ;;
    'cti sources list:'--format) value=(words table json ndjson csv) ;;
    'cti sources show:'--checks) value=(other) ;;
    'cti sources show:'--dropped) value=(other) ;;
    'cti sources show:'--format) value=(words table json) ;;
    'cti sources add:'--rss-url) value=(other) ;;
    'cti sources add:'--check-frequency) value=(other) ;;
    'cti sources add:'--lookback-days) value=(other) ;;
    'cti sources add:'--tier) value=(other) ;;
    'cti sources add:'--weight) value=(other) ;;
    'cti sources add:'--set) value=(other) ;;
    'cti sources add:'--timeout) value=(other) ;;
    'cti sources add:'--user-agent) value=(other) ;;
    'cti sources edit:'--name) value=(other) ;;
    'cti sources edit:'--url) value=(other) ;;
    'cti sources edit:'--rss-url) value=(other) ;;
    'cti sources edit:'--check-frequency) value=(other) ;;
    'cti sources edit:'--lookback-days) value=(other) ;;
    'cti sources edit:'--tier) value=(other) ;;
    'cti sources edit:'--weight) value=(other) ;;
    'cti sources edit:'--set) value=(other) ;;
    'cti sources remove:'--with) value=(other) ;;
    'cti sources test:'--timeout) value=(other) ;;
    'cti sources test:'--user-agent) value=(other) ;;
    'cti sources test:'--per-host) value=(other) ;;
    'cti sources test:'--host-delay) value=(other) ;;
    'cti sources test:'--title-filter) value=(words own service) ;;
    'cti sources test:'--proxy) value=(other) ;;
    'cti sources test:'--secrets-file) value=(file) ;;
    'cti sources discover:'--format) value=(words table json) ;;
    'cti sources discover:'--timeout) value=(other) ;;
    'cti sources discover:'--user-agent) value=(other) ;;
    'cti sources import:'--format) value=(words auto opml yaml) ;;
    'cti sources export:'--format) value=(words yaml opml) ;;
    'cti sources export:'-o | 'cti sources export:'--output) value=(file) ;;
    'cti collect:'-s | 'cti collect:'--source) value=(dynamic sources) ;;
    'cti collect:'--index) value=(words later now) ;;
    'cti collect:'--fail-on) value=(words all any) ;;
    'cti collect:'--max-time) value=(other) ;;
    'cti collect:'--format) value=(words text json) ;;
    'cti collect:'--metrics-file) value=(file) ;;
    'cti collect:'-j | 'cti collect:'--jobs) value=(other) ;;
    'cti collect:'--workers) value=(other) ;;
    'cti collect:'--timeout) value=(other) ;;
    'cti collect:'--user-agent) value=(other) ;;
    'cti collect:'--per-host) value=(other) ;;
    'cti collect:'--host-delay) value=(other) ;;
    'cti collect:'--title-filter) value=(words own service) ;;
    'cti collect:'--proxy) value=(other) ;;
    'cti collect:'--secrets-file) value=(file) ;;
    'cti collect:'--lease) value=(other) ;;
    'cti collect:'--db-wait) value=(other) ;;
    'cti collect:'--galaxy) value=(directory) ;;
    'cti collect:'--warninglist) value=(file) ;;
    'cti collect:'--lexicon) value=(file) ;;
    'cti monitor:'--interval) value=(other) ;;
    'cti monitor:'--schedule) value=(words interval due) ;;
    'cti monitor:'--collect-schedule) value=(other) ;;
    'cti monitor:'--housekeeping-schedule) value=(other) ;;
    'cti monitor:'--tz) value=(other) ;;
    'cti monitor:'--cycle-limit) value=(other) ;;
    'cti monitor:'--keep-days) value=(other) ;;
    'cti monitor:'--listen) value=(other) ;;
    'cti monitor:'--metrics-max-sources) value=(other) ;;
    'cti monitor:'--control-token-file) value=(file) ;;
    'cti monitor:'--webhook) value=(other) ;;
    'cti monitor:'--webhook-failures) value=(other) ;;
    'cti monitor:'--webhook-min-score) value=(other) ;;
    'cti monitor:'--webhook-stale) value=(other) ;;
    'cti monitor:'--workers) value=(other) ;;
    'cti monitor:'--export-dir) value=(directory) ;;
    'cti monitor:'--backup-dir) value=(other) ;;
    'cti monitor:'--s3-endpoint) value=(other) ;;
    'cti monitor:'--s3-style) value=(words auto path host) ;;
    'cti monitor:'--backup-encrypt) value=(words age gpg) ;;
    'cti monitor:'--backup-encrypt-key) value=(file) ;;
    'cti monitor:'--backup-decrypt-key) value=(file) ;;
    'cti monitor:'--llm-url) value=(other) ;;
    'cti monitor:'--llm-api) value=(words auto ollama openai) ;;
    'cti monitor:'--model) value=(other) ;;
    'cti monitor:'--llm-timeout) value=(other) ;;
    'cti monitor:'--llm-concurrency) value=(other) ;;
    'cti monitor:'-j | 'cti monitor:'--jobs) value=(other) ;;
    'cti monitor:'--text-workers) value=(other) ;;
    'cti monitor:'--timeout) value=(other) ;;
    'cti monitor:'--user-agent) value=(other) ;;
    'cti monitor:'--per-host) value=(other) ;;
    'cti monitor:'--host-delay) value=(other) ;;
    'cti monitor:'--title-filter) value=(words own service) ;;
    'cti monitor:'--proxy) value=(other) ;;
    'cti monitor:'--secrets-file) value=(file) ;;
    'cti monitor:'--lease) value=(other) ;;
    'cti monitor:'--db-wait) value=(other) ;;
    'cti monitor:'--galaxy) value=(directory) ;;
    'cti monitor:'--warninglist) value=(file) ;;
    'cti monitor:'--lexicon) value=(file) ;;
    'cti articles:'--query) value=(other) ;;
    'cti articles:'--days) value=(other) ;;
    'cti articles:'--since) value=(other) ;;
    'cti articles:'--until) value=(other) ;;
    'cti articles:'--by) value=(words published discovered) ;;
    'cti articles:'-s | 'cti articles:'--source) value=(dynamic sources) ;;
    'cti articles:'--tag) value=(other) ;;
    'cti articles:'--min-score) value=(other) ;;
    'cti articles:'--ids) value=(file) ;;
    'cti articles:'--limit) value=(other) ;;
    'cti articles:'--order) value=(words newest oldest score) ;;
    'cti articles:'--as) value=(other) ;;
    'cti articles:'--mark) value=(words read unread) ;;
    'cti articles:'--format) value=(words table json ids) ;;
    'cti latest:'--query) value=(other) ;;
    'cti latest:'--days) value=(other) ;;
    'cti latest:'--since) value=(other) ;;
    'cti latest:'--until) value=(other) ;;
    'cti latest:'--by) value=(words published discovered) ;;
    'cti latest:'-s | 'cti latest:'--source) value=(dynamic sources) ;;
    'cti latest:'--tag) value=(other) ;;
    'cti latest:'--min-score) value=(other) ;;
    'cti latest:'--ids) value=(file) ;;
    'cti latest:'--limit) value=(other) ;;
    'cti latest:'--order) value=(words newest oldest score) ;;
    'cti latest:'--as) value=(other) ;;
    'cti latest:'--mark) value=(words read unread) ;;
    'cti latest:'--format) value=(words table json ids) ;;
    'cti show:'--as) value=(other) ;;
    'cti show:'--width) value=(other) ;;
    'cti next:'--query) value=(other) ;;
    'cti next:'--days) value=(other) ;;
    'cti next:'--since) value=(other) ;;
    'cti next:'--until) value=(other) ;;
    'cti next:'--by) value=(words published discovered) ;;
    'cti next:'-s | 'cti next:'--source) value=(dynamic sources) ;;
    'cti next:'--tag) value=(other) ;;
    'cti next:'--min-score) value=(other) ;;
    'cti next:'--ids) value=(file) ;;
    'cti next:'--limit) value=(other) ;;
    'cti next:'--order) value=(words newest oldest score) ;;
    'cti next:'--as) value=(other) ;;
    'cti next:'--width) value=(other) ;;
    'cti open:'--as) value=(other) ;;
    'cti search:'--query) value=(other) ;;
    'cti search:'--days) value=(other) ;;
    'cti search:'--since) value=(other) ;;
    'cti search:'--until) value=(other) ;;
    'cti search:'--by) value=(words published discovered) ;;
    'cti search:'-s | 'cti search:'--source) value=(dynamic sources) ;;
    'cti search:'--tag) value=(other) ;;
    'cti search:'--min-score) value=(other) ;;
    'cti search:'--ids) value=(file) ;;
    'cti search:'--limit) value=(other) ;;
    'cti search:'--order) value=(words newest oldest score) ;;
    'cti search:'--format) value=(words table json ndjson ids) ;;
    'cti stats:'--format) value=(words table json) ;;
    'cti export:'--query) value=(other) ;;
    'cti export:'--days) value=(other) ;;
    'cti export:'--since) value=(other) ;;
    'cti export:'--until) value=(other) ;;
    'cti export:'--by) value=(words published discovered) ;;
    'cti export:'-s | 'cti export:'--source) value=(dynamic sources) ;;
    'cti export:'--tag) value=(other) ;;
    'cti export:'--min-score) value=(other) ;;
    'cti export:'--ids) value=(file) ;;
    'cti export:'--limit) value=(other) ;;
    'cti export:'--order) value=(words newest oldest score) ;;
    'cti export:'--of) value=(words articles indicators) ;;
    'cti export:'--fields) value=(other) ;;
    'cti export:'--type) value=(dynamic types) ;;
    'cti export:'--tlp) value=(other) ;;
    'cti export:'--bulk) value=(other) ;;
    'cti export:'--format) value=(dynamic formats) ;;
    'cti export:'-o | 'cti export:'--output) value=(file) ;;
    'cti export:'--output-dir) value=(directory) ;;
    'cti export:'--new-since-last) value=(other) ;;
    'cti export:'--read-database-url) value=(other) ;;
    'cti import:'--format) value=(words auto ndjson json csv) ;;
    'cti import:'--sqlite) value=(file) ;;
    'cti import:'--source) value=(dynamic sources) ;;
    'cti import:'--galaxy) value=(directory) ;;
    'cti import:'--warninglist) value=(file) ;;
    'cti import:'--lexicon) value=(file) ;;
    'cti analyze:'--task) value=(words techniques actors_and_malware targets indicator_roles relevance summary detections) ;;
    'cti analyze:'--budget-tokens) value=(other) ;;
    'cti analyze:'--max-time) value=(other) ;;
    'cti analyze:'--price) value=(other) ;;
    'cti analyze:'--llm-url) value=(other) ;;
    'cti analyze:'--llm-api) value=(words auto ollama openai) ;;
    'cti analyze:'--model) value=(other) ;;
    'cti analyze:'--llm-timeout) value=(other) ;;
    'cti analyze:'--concurrency) value=(other) ;;
    'cti analyze:'--days) value=(other) ;;
    'cti analyze:'--since) value=(other) ;;
    'cti analyze:'--until) value=(other) ;;
    'cti analyze:'--by) value=(words published discovered) ;;
    'cti analyze:'-s | 'cti analyze:'--source) value=(dynamic sources) ;;
    'cti analyze:'--tag) value=(other) ;;
    'cti analyze:'--min-score) value=(other) ;;
    'cti analyze:'--ids) value=(file) ;;
    'cti analyze:'--limit) value=(other) ;;
    'cti analyze:'--order) value=(words newest oldest score) ;;
    'cti analyze:'--query) value=(other) ;;
    'cti analyze:'--galaxy) value=(directory) ;;
    'cti analyze:'--warninglist) value=(file) ;;
    'cti healthcheck:'--timeout) value=(other) ;;
    'cti jobs status:'--format) value=(words table json) ;;
    'cti jobs add collect:'--source) value=(dynamic sources) ;;
    'cti jobs add collect:'--query) value=(other) ;;
    'cti jobs add collect:'--limit) value=(other) ;;
    'cti jobs add collect:'--priority) value=(other) ;;
    'cti jobs add collect:'--at) value=(other) ;;
    'cti jobs add collect:'--unique) value=(other) ;;
    'cti jobs add export:'--output) value=(other) ;;
    'cti jobs add export:'--format) value=(dynamic formats) ;;
    'cti jobs add export:'--of) value=(other) ;;
    'cti jobs add export:'--query) value=(other) ;;
    'cti jobs add export:'--source) value=(dynamic sources) ;;
    'cti jobs add export:'--type) value=(dynamic types) ;;
    'cti jobs add export:'--days) value=(other) ;;
    'cti jobs add export:'--since) value=(other) ;;
    'cti jobs add export:'--until) value=(other) ;;
    'cti jobs add export:'--limit) value=(other) ;;
    'cti jobs add export:'--new-since-last) value=(other) ;;
    'cti jobs add export:'--priority) value=(other) ;;
    'cti jobs add export:'--at) value=(other) ;;
    'cti jobs add export:'--unique) value=(other) ;;
    'cti jobs add backfill:'--step) value=(other) ;;
    'cti jobs add backfill:'--priority) value=(other) ;;
    'cti jobs add backfill:'--at) value=(other) ;;
    'cti jobs add backfill:'--unique) value=(other) ;;
    'cti jobs add housekeeping:'--keep-days) value=(other) ;;
    'cti jobs add housekeeping:'--priority) value=(other) ;;
    'cti jobs add housekeeping:'--at) value=(other) ;;
    'cti jobs add housekeeping:'--unique) value=(other) ;;
    'cti jobs add backup:'--format) value=(other) ;;
    'cti jobs add backup:'--compress) value=(other) ;;
    'cti jobs add backup:'--only) value=(other) ;;
    'cti jobs add backup:'--label) value=(other) ;;
    'cti jobs add backup:'--priority) value=(other) ;;
    'cti jobs add backup:'--at) value=(other) ;;
    'cti jobs add backup:'--unique) value=(other) ;;
    'cti jobs add verify:'--backup) value=(dynamic backups) ;;
    'cti jobs add verify:'--depth) value=(other) ;;
    'cti jobs add verify:'--priority) value=(other) ;;
    'cti jobs add verify:'--at) value=(other) ;;
    'cti jobs add verify:'--unique) value=(other) ;;
    'cti jobs add prune:'--keep-days) value=(other) ;;
    'cti jobs add prune:'--keep-daily) value=(other) ;;
    'cti jobs add prune:'--keep-weekly) value=(other) ;;
    'cti jobs add prune:'--keep-monthly) value=(other) ;;
    'cti jobs add prune:'--keep-min) value=(other) ;;
    'cti jobs add prune:'--priority) value=(other) ;;
    'cti jobs add prune:'--at) value=(other) ;;
    'cti jobs add prune:'--unique) value=(other) ;;
    'cti jobs add analyze:'--task) value=(other) ;;
    'cti jobs add analyze:'--query) value=(other) ;;
    'cti jobs add analyze:'--source) value=(dynamic sources) ;;
    'cti jobs add analyze:'--since) value=(other) ;;
    'cti jobs add analyze:'--min-score) value=(other) ;;
    'cti jobs add analyze:'--limit) value=(other) ;;
    'cti jobs add analyze:'--budget-tokens) value=(other) ;;
    'cti jobs add analyze:'--priority) value=(other) ;;
    'cti jobs add analyze:'--at) value=(other) ;;
    'cti jobs add analyze:'--unique) value=(other) ;;
    'cti jobs list:'--state) value=(words ready scheduled running 'done' failed dead cancelled) ;;
    'cti jobs list:'--kind) value=(words collect export backfill housekeeping backup verify prune analyze) ;;
    'cti jobs list:'--limit) value=(other) ;;
    'cti jobs list:'--format) value=(words table json ndjson) ;;
    'cti jobs show:'--format) value=(words table json) ;;
    'cti jobs prune:'--keep-days) value=(other) ;;
    'cti jobs prune:'--keep-dead-days) value=(other) ;;
    'cti schedules list:'--format) value=(words table json) ;;
    'cti schedules add collect:'--name) value=(other) ;;
    'cti schedules add collect:'--cron) value=(other) ;;
    'cti schedules add collect:'--tz) value=(other) ;;
    'cti schedules add collect:'--priority) value=(other) ;;
    'cti schedules add collect:'--source) value=(dynamic sources) ;;
    'cti schedules add collect:'--query) value=(other) ;;
    'cti schedules add collect:'--limit) value=(other) ;;
    'cti schedules add export:'--name) value=(other) ;;
    'cti schedules add export:'--cron) value=(other) ;;
    'cti schedules add export:'--tz) value=(other) ;;
    'cti schedules add export:'--priority) value=(other) ;;
    'cti schedules add export:'--output) value=(other) ;;
    'cti schedules add export:'--format) value=(dynamic formats) ;;
    'cti schedules add export:'--of) value=(other) ;;
    'cti schedules add export:'--query) value=(other) ;;
    'cti schedules add export:'--source) value=(dynamic sources) ;;
    'cti schedules add export:'--type) value=(dynamic types) ;;
    'cti schedules add export:'--days) value=(other) ;;
    'cti schedules add export:'--since) value=(other) ;;
    'cti schedules add export:'--until) value=(other) ;;
    'cti schedules add export:'--limit) value=(other) ;;
    'cti schedules add export:'--new-since-last) value=(other) ;;
    'cti schedules add backfill:'--name) value=(other) ;;
    'cti schedules add backfill:'--cron) value=(other) ;;
    'cti schedules add backfill:'--tz) value=(other) ;;
    'cti schedules add backfill:'--priority) value=(other) ;;
    'cti schedules add backfill:'--step) value=(other) ;;
    'cti schedules add housekeeping:'--name) value=(other) ;;
    'cti schedules add housekeeping:'--cron) value=(other) ;;
    'cti schedules add housekeeping:'--tz) value=(other) ;;
    'cti schedules add housekeeping:'--priority) value=(other) ;;
    'cti schedules add housekeeping:'--keep-days) value=(other) ;;
    'cti schedules add backup:'--name) value=(other) ;;
    'cti schedules add backup:'--cron) value=(other) ;;
    'cti schedules add backup:'--tz) value=(other) ;;
    'cti schedules add backup:'--priority) value=(other) ;;
    'cti schedules add backup:'--format) value=(other) ;;
    'cti schedules add backup:'--compress) value=(other) ;;
    'cti schedules add backup:'--only) value=(other) ;;
    'cti schedules add backup:'--label) value=(other) ;;
    'cti schedules add verify:'--name) value=(other) ;;
    'cti schedules add verify:'--cron) value=(other) ;;
    'cti schedules add verify:'--tz) value=(other) ;;
    'cti schedules add verify:'--priority) value=(other) ;;
    'cti schedules add verify:'--backup) value=(dynamic backups) ;;
    'cti schedules add verify:'--depth) value=(other) ;;
    'cti schedules add prune:'--name) value=(other) ;;
    'cti schedules add prune:'--cron) value=(other) ;;
    'cti schedules add prune:'--tz) value=(other) ;;
    'cti schedules add prune:'--priority) value=(other) ;;
    'cti schedules add prune:'--keep-days) value=(other) ;;
    'cti schedules add prune:'--keep-daily) value=(other) ;;
    'cti schedules add prune:'--keep-weekly) value=(other) ;;
    'cti schedules add prune:'--keep-monthly) value=(other) ;;
    'cti schedules add prune:'--keep-min) value=(other) ;;
    'cti schedules add analyze:'--name) value=(other) ;;
    'cti schedules add analyze:'--cron) value=(other) ;;
    'cti schedules add analyze:'--tz) value=(other) ;;
    'cti schedules add analyze:'--priority) value=(other) ;;
    'cti schedules add analyze:'--task) value=(other) ;;
    'cti schedules add analyze:'--query) value=(other) ;;
    'cti schedules add analyze:'--source) value=(dynamic sources) ;;
    'cti schedules add analyze:'--since) value=(other) ;;
    'cti schedules add analyze:'--min-score) value=(other) ;;
    'cti schedules add analyze:'--limit) value=(other) ;;
    'cti schedules add analyze:'--budget-tokens) value=(other) ;;
    'cti schedules edit:'--cron) value=(other) ;;
    'cti schedules edit:'--tz) value=(other) ;;
    'cti schedules edit:'--priority) value=(other) ;;
    'cti schedules edit:'--arguments) value=(other) ;;
    'cti serve:'--listen) value=(other) ;;
    'cti serve:'--metrics-max-sources) value=(other) ;;
    'cti serve:'--control-token-file) value=(file) ;;
    'cti worker:'--concurrency) value=(other) ;;
    'cti worker:'--kinds) value=(words collect export backfill housekeeping backup verify prune analyze) ;;
    'cti worker:'--export-dir) value=(directory) ;;
    'cti worker:'--backup-dir) value=(other) ;;
    'cti worker:'--s3-endpoint) value=(other) ;;
    'cti worker:'--s3-style) value=(words auto path host) ;;
    'cti worker:'--backup-encrypt) value=(words age gpg) ;;
    'cti worker:'--backup-encrypt-key) value=(file) ;;
    'cti worker:'--backup-decrypt-key) value=(file) ;;
    'cti worker:'--llm-url) value=(other) ;;
    'cti worker:'--llm-api) value=(words auto ollama openai) ;;
    'cti worker:'--model) value=(other) ;;
    'cti worker:'--llm-timeout) value=(other) ;;
    'cti worker:'--llm-concurrency) value=(other) ;;
    'cti worker:'--webhook) value=(other) ;;
    'cti worker:'--notify) value=(words auto off) ;;
    'cti worker:'--job-lease) value=(other) ;;
    'cti worker:'-j | 'cti worker:'--jobs) value=(other) ;;
    'cti worker:'--workers) value=(other) ;;
    'cti worker:'--timeout) value=(other) ;;
    'cti worker:'--user-agent) value=(other) ;;
    'cti worker:'--per-host) value=(other) ;;
    'cti worker:'--host-delay) value=(other) ;;
    'cti worker:'--title-filter) value=(words own service) ;;
    'cti worker:'--proxy) value=(other) ;;
    'cti worker:'--secrets-file) value=(file) ;;
    'cti worker:'--lease) value=(other) ;;
    'cti worker:'--db-wait) value=(other) ;;
    'cti worker:'--galaxy) value=(directory) ;;
    'cti worker:'--warninglist) value=(file) ;;
    'cti worker:'--lexicon) value=(file) ;;
    'cti backup create:'--to | 'cti backup create:'--dir) value=(other) ;;
    'cti backup create:'--s3-endpoint) value=(other) ;;
    'cti backup create:'--s3-style) value=(words auto path host) ;;
    'cti backup create:'--format) value=(words custom sql directory) ;;
    'cti backup create:'--compress) value=(words gzip zstd none) ;;
    'cti backup create:'--only) value=(words all cti) ;;
    'cti backup create:'--label) value=(other) ;;
    'cti backup create:'--jobs) value=(other) ;;
    'cti backup create:'--read-database-url) value=(other) ;;
    'cti backup create:'--encrypt) value=(words age gpg) ;;
    'cti backup create:'--encrypt-key) value=(file) ;;
    'cti backup create:'--encrypt-recipient) value=(other) ;;
    'cti backup create:'--webhook) value=(other) ;;
    'cti backup list:'--dir) value=(other) ;;
    'cti backup list:'--s3-endpoint) value=(other) ;;
    'cti backup list:'--s3-style) value=(words auto path host) ;;
    'cti backup list:'--format) value=(words table json) ;;
    'cti backup show:'--dir) value=(other) ;;
    'cti backup show:'--s3-endpoint) value=(other) ;;
    'cti backup show:'--s3-style) value=(words auto path host) ;;
    'cti backup show:'--format) value=(words table json) ;;
    'cti backup verify:'--dir) value=(other) ;;
    'cti backup verify:'--s3-endpoint) value=(other) ;;
    'cti backup verify:'--s3-style) value=(words auto path host) ;;
    'cti backup verify:'--format) value=(words text json) ;;
    'cti backup verify:'--decrypt-key) value=(file) ;;
    'cti backup verify:'--webhook) value=(other) ;;
    'cti backup prune:'--dir) value=(other) ;;
    'cti backup prune:'--s3-endpoint) value=(other) ;;
    'cti backup prune:'--s3-style) value=(words auto path host) ;;
    'cti backup prune:'--keep-days) value=(other) ;;
    'cti backup prune:'--keep-daily) value=(other) ;;
    'cti backup prune:'--keep-weekly) value=(other) ;;
    'cti backup prune:'--keep-monthly) value=(other) ;;
    'cti backup prune:'--keep-min) value=(other) ;;
    'cti backup prune:'--webhook) value=(other) ;;
    'cti restore:'--confirm) value=(other) ;;
    'cti restore:'--tables) value=(other) ;;
    'cti restore:'--dir) value=(other) ;;
    'cti restore:'--s3-endpoint) value=(other) ;;
    'cti restore:'--s3-style) value=(words auto path host) ;;
    'cti restore:'--decrypt-key) value=(file) ;;
    'cti restore:'--encrypt) value=(words age gpg) ;;
    'cti restore:'--encrypt-key) value=(file) ;;
    'cti restore:'--encrypt-recipient) value=(other) ;;
    'cti doctor:'--format) value=(words table json) ;;
    'cti settings show:'--format) value=(words table json) ;;
    'cti intel backfill:'--step) value=(words indicators score words simhash) ;;
    'cti intel backfill:'--batch) value=(other) ;;
    'cti intel backfill:'--galaxy) value=(directory) ;;
    'cti intel backfill:'--warninglist) value=(file) ;;
    'cti intel backfill:'--lexicon) value=(file) ;;
    'cti inspect feed:'--url) value=(other) ;;
    'cti inspect feed:'--content-type) value=(other) ;;
    'cti inspect feed:'--timeout) value=(other) ;;
    'cti inspect feed:'--user-agent) value=(other) ;;
    'cti inspect page:'--url) value=(other) ;;
    'cti inspect page:'--charset) value=(other) ;;
    'cti inspect page:'--title-selector) value=(other) ;;
    'cti inspect page:'--body-selector) value=(other) ;;
    'cti inspect page:'--author-selector) value=(other) ;;
    'cti inspect page:'--date-selector) value=(other) ;;
    'cti inspect page:'--timeout) value=(other) ;;
    'cti inspect page:'--user-agent) value=(other) ;;
    'cti inspect text:'--site) value=(other) ;;
    'cti inspect text:'--galaxy) value=(directory) ;;
    'cti inspect text:'--warninglist) value=(file) ;;
    'cti'*:--database-url) value=(other) ;;
    'cti'*:--config) value=(file) ;;
    'cti'*:--settings) value=(file) ;;
    'cti'*:--color) value=(words auto always never) ;;
    'cti'*:--log-format) value=(words text json) ;;
    esac
}

# _cti_offer WORD…: those that begin with what is typed.
_cti_offer() {
    local word
    for word; do
        [[ $word != "$_cti_current"* ]] || COMPREPLY+=("$word")
    done
}

# _cti_offer_noted LINE…: words, each with a tab and what is said of it, or without. The notes stand there while there is a choice.
_cti_offer_noted() {
    local line tab=$'\t'
    for line; do
        [[ ${line%%"$tab"*} != "$_cti_current"* ]] || COMPREPLY+=("${line/"$tab"/  }")
    done
    ((${#COMPREPLY[@]} != 1)) || COMPREPLY[0]=${COMPREPLY[0]%%  *}
    compopt -o nosort 2>/dev/null
}

# _cti_complete_value KIND [WORD…]
_cti_complete_value() {
    local words kind=$1
    shift
    case $kind in
    words) _cti_offer "$@" ;;
    dynamic)
        mapfile -t words < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "$1" 2>/dev/null </dev/null)
        _cti_offer_noted "${words[@]}"
        ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$_cti_current") ;;
    directory) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$_cti_current") ;;
    esac
}

_cti() {
    local path=cti word previous=${COMP_WORDS[COMP_CWORD-1]} _cti_current=${COMP_WORDS[COMP_CWORD]} i
    local -a commands options argument value
    COMPREPLY=()
    # "--format=json" is three words where COMP_WORDBREAKS holds "=".
    if [[ $_cti_current == = ]]; then
        _cti_current='' previous=${COMP_WORDS[COMP_CWORD-1]}
    elif [[ $previous == = ]] && ((COMP_CWORD > 2)); then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -* ]]; then
            _cti_value "$path" "$word"
            ((${#value[@]} == 0)) || { ((i++)); [[ ${COMP_WORDS[i]} != = ]] || ((i++)); }
            continue
        fi
        _cti_table "$path"
        [[ " ${commands[*]} " != *" $word "* ]] || path+=" $word"
    done
    _cti_value "$path" "$previous"
    if [[ $previous == -* ]] && ((${#value[@]})); then
        _cti_complete_value "${value[@]}"
        return
    fi
    _cti_table "$path"
    [[ $path != cti || ${COMP_WORDS[0]##*/} != run_cli.sh ]] || commands+=(setup db demo)
    if [[ $_cti_current == -* ]]; then
        _cti_offer "${options[@]}"
    elif ((${#commands[@]})); then
        _cti_offer "${commands[@]}"
    else
        _cti_complete_value "${argument[@]}"
    fi
}

complete -F _cti cti run_cli.sh
