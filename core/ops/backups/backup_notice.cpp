#include "core/ops/backups/backup_notice.hpp"

#include "core/backup/folder.hpp"
#include "core/base/json.hpp"
#include "core/base/pause.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cti::ops {
namespace {
using namespace std::chrono_literals;
// With the time that a post may take, a receiver that is away holds a backup up for half a minute.
constexpr std::chrono::milliseconds k_pauses[] = {500ms, 2'000ms};

std::string name_of(const backup::Stored& stored) {
    return std::filesystem::path(stored.path).filename().string();
}

// The newest that is whole as far as one sees, and neither what the notice is about nor what a restore put
// aside. Of another database only where it is not known which one was meant.
std::optional<backup::Stored> find_last_good(const Environment& environment, const BackupNotice& notice) {
    const auto list = open_place(environment, notice.place)->list();
    const auto found = std::find_if(list.rbegin(), list.rend(), [&](const backup::Stored& stored) {
        const bool is_meant = stored.manifest && (notice.database.empty() ||
                                                  stored.manifest->database.database == notice.database);
        const bool is_damaged =
            !stored.fault.empty() || (notice.event == k_verify_failed && name_of(stored) == notice.backup);
        return is_meant && !is_damaged && stored.name.label != backup::k_safety_label;
    });
    return found == list.rend() ? std::nullopt : std::optional(*found);
}

void write_last_good(JsonWriter& json, const std::optional<backup::Stored>& good, Time now) {
    json.key("last_good");
    if (!good) return (void)json.null();
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - good->manifest->started);
    json.begin_object()
        .member("backup", name_of(*good))
        .member("database", good->manifest->database.database);
    json.member("time", format_rfc3339(good->manifest->started)).member("age_seconds", age.count());
    json.member("bytes", good->manifest->bytes());
    json.member("verified", format_rfc3339(good->verified.last())).end_object();
}

std::string what_happened(const BackupNotice& notice) {
    const auto subject = notice.database.empty() ? std::string() : fmt::format(" of '{}'", notice.database);
    if (notice.event == k_backup_created)
        return fmt::format("backup{} made: {} rows, {} bytes, in {}", subject, notice.rows.value_or(0),
                           notice.bytes.value_or(0), format_duration(notice.duration));
    if (notice.event == k_backup_failed)
        return fmt::format("no backup{} was made: {}", subject, notice.error);
    if (notice.event == k_prune_failed) return fmt::format("old backups were not removed: {}", notice.error);
    return fmt::format("the backup{} did not pass: {}",
                       notice.backup.empty() ? std::string() : fmt::format(" {}", notice.backup),
                       notice.error);
}

std::string age_of(const std::optional<backup::Stored>& good, Time now) {
    return good ? fmt::format("the last good one is {} old", format_duration(now - good->manifest->started))
                : "there is no good one";
}

std::string text_of(const BackupNotice& notice, const std::optional<backup::Stored>& good, Time now) {
    auto text = net::chat_text("cti: " + what_happened(notice));
    // What was made just now is the last good one itself.
    if (notice.event != k_backup_created) text += "; " + age_of(good, now);
    return text;
}

std::string json_of(const Environment& environment, const BackupNotice& notice, const std::string& id,
                    Time now) {
    std::optional<backup::Stored> good;
    std::string unknown;
    try {
        good = find_last_good(environment, notice);
    } catch (const Error& error) {
        unknown = error.what();
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("event", notice.event).member("id", id);
    json.member("text", text_of(notice, good, now)).member("time", format_rfc3339(now));
    json.member_or_null("database", notice.database).member_or_null("backup", notice.backup);
    json.member("bytes", notice.bytes).member("rows", notice.rows);
    json.member("duration_seconds", static_cast<double>(notice.duration.count()) / 1000);
    json.member_or_null("error", printable(notice.error));
    json.member("exit_code", static_cast<int>(notice.exit_code));
    write_last_good(json, good, now);
    if (!unknown.empty()) json.member("last_good_error", printable(unknown));
    json.end_object();
    return out;
}
}

void post_notice(const Environment& environment, const BackupWebhook& webhook, const BackupNotice& notice) {
    if (webhook.to.url.empty()) return;
    const auto now = environment.now();
    // The same id each time: a receiver may have it although its answer was lost.
    const auto id =
        fmt::format("{}/{}/{}", notice.event, notice.backup.empty() ? "-" : notice.backup,
                    std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count());
    const auto json = json_of(environment, notice, id, now);
    auto fault = net::post_event(webhook.to, id, json);
    for (const auto pause : k_pauses) {
        if (fault.empty() || !pause_for(pause, [&] { return environment.is_stopped(); })) break;
        fault = net::post_event(webhook.to, id, json);
    }
    if (!fault.empty())
        environment.warn(fmt::format("the webhook did not take {}: {}", notice.event, fault),
                         "See that --webhook (CTI_WEBHOOK) names the right address.");
}

void post_failure(const Environment& environment, const BackupWebhook& webhook, BackupNotice notice,
                  const std::exception& error) {
    const auto* const known = dynamic_cast<const Error*>(&error);
    notice.exit_code = known == nullptr ? ExitCode::failure : known->code();
    if (notice.exit_code == ExitCode::interrupted || environment.is_stopped()) return;
    const bool may_pass = notice.exit_code == ExitCode::database || notice.exit_code == ExitCode::locked;
    if (may_pass && webhook.will_try_again) return;
    notice.error = error.what();
    post_notice(environment, webhook, notice);
}
}
