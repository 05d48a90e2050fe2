#include "cli/shell/command_tree.hpp"
#include "core/analysis/task.hpp"
#include "core/pipeline/step.hpp"
#include "core/work/job_kind.hpp"

// A help tells all values of an option in one sentence; a shell that offers them one by one wants one each.
namespace cti::cli {
namespace {

struct Note {
    std::string_view option, word, text;
};
constexpr Note k_notes[] = {
    {"--by", "discovered", "when it was collected"},
    {"--by", "published", "when it was published"},
    {"--color", "always", "into pipes and files too"},
    {"--color", "auto", "on a terminal, unless NO_COLOR is set"},
    {"--color", "never", "not even on a terminal"},
    {"--compress", "gzip", "what every tool reads"},
    {"--compress", "none", "as it is"},
    {"--compress", "zstd", "smaller and faster"},
    {"--backup-encrypt", "age", "by age"},
    {"--backup-encrypt", "gpg", "by GnuPG"},
    {"--s3-style", "auto", "path where an endpoint is named"},
    {"--s3-style", "path", "https://host/bucket"},
    {"--s3-style", "host", "https://bucket.host"},
    {"--encrypt", "age", "by age"},
    {"--encrypt", "gpg", "by GnuPG"},
    {"--index", "later", "the next run indexes what this one stores"},
    {"--index", "now", "at the end of this run"},
    {"--fail-on", "all", "exit with 1 when every source failed"},
    {"--fail-on", "any", "exit with 3 when any source failed"},
    {"--format", "auto", "by its content"},
    {"--format", "custom", "one file for pg_restore"},
    {"--format", "csv", "one line a row, with a header"},
    {"--format", "directory", "a file for each table"},
    {"--format", "ids", "ids only, one a line"},
    {"--format", "json", "one JSON document"},
    {"--format", "ndjson", "one JSON object a line"},
    {"--format", "opml", "OPML 2.0, as feed readers have it"},
    {"--format", "sql", "plain SQL, which psql reads"},
    {"--format", "table", "columns on a terminal, tabs into a pipe"},
    {"--format", "text", "a summary for people"},
    {"--format", "yaml", "a sources file of cti"},
    {"--llm-api", "auto", "by its address: /v1 is OpenAI's"},
    {"--llm-api", "ollama", "Ollama's own"},
    {"--llm-api", "openai", "OpenAI's, as llama.cpp and others have it"},
    {"--log-format", "json", "one JSON object a line"},
    {"--log-format", "text", "lines for people"},
    {"--mark", "read", "mark them as read"},
    {"--mark", "unread", "mark them as unread"},
    {"--of", "articles", "one row an article"},
    {"--of", "indicators", "one row an indicator"},
    {"--notify", "auto", "be told of new jobs, where no pooler stands between"},
    {"--notify", "off", "look each second"},
    {"--only", "all", "the whole database"},
    {"--only", "cti", "the schema cti and the four tables that it shares"},
    {"--order", "newest", "the newest first"},
    {"--order", "oldest", "the oldest first"},
    {"--order", "score", "the highest score first"},
    {"--schedule", "due", "whenever a source is due"},
    {"--schedule", "interval", "every --interval seconds"},
    {"--sort", "articles", "the most articles first"},
    {"--sort", "failures", "the most failures first"},
    {"--sort", "identifier", "by name"},
    {"--sort", "next", "the next to be checked first"},
    {"--sort", "success", "the longest without a success first"},
    {"--state", "cancelled", "ended because somebody wished it"},
    {"--state", "dead", "failed as often as it may"},
    {"--state", "done", "ended well"},
    {"--state", "failed", "another try would not help"},
    {"--state", "ready", "waits for a worker"},
    {"--state", "running", "a worker has it"},
    {"--state", "scheduled", "waits for its time"},
    {"--title-filter", "own", "the words of the source's config only"},
    {"--title-filter", "service", "the web service's own words too"},
    {"SHELL", "bash", "GNU bash"},
    {"SHELL", "fish", "the friendly interactive shell"},
    {"SHELL", "zsh", "the Z shell"},
};
}

std::string_view find_note(std::string_view option, std::string_view word) {
    if (option == "--step")
        if (const auto* const step = pipeline::find_step(word); step != nullptr) return step->summary;
    if (option == "--task")
        if (const auto* const task = analysis::find_task(word); task != nullptr) return task->summary;
    if (option == "--kind" || option == "--kinds")
        if (const auto* const kind = work::find_job_kind(word); kind != nullptr) return kind->summary;
    for (const auto& note : k_notes)
        if (note.option == option && note.word == word) return note.text;
    return {};
}
}
