#include "core/bucket/place.hpp"

#include "core/backup/partial_folder.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/bucket/backups.hpp"
#include "core/bucket/new_backup.hpp"
#include "core/bucket/transfers.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cti::bucket {
namespace {
namespace fs = std::filesystem;

// Whoever uploads or reads for longer is taken for gone. The clocks do not differ by more than a quarter of
// an hour, or the server would take no signature of ours.
constexpr auto k_abandoned = std::chrono::hours(24);

// A copy on this machine, as long as it is needed; so long a mark in the bucket keeps others from removing
// the backup.
class HeldCopy : public backup::HeldBackup {
public:
    HeldCopy(const backup::Stored& stored, Client client)
        : m_stored(stored), m_local(fs::temp_directory_path().string(), to_text(stored.name)),
          m_client(std::move(client)) {
        m_stored.folder = m_local.path();
    }
    ~HeldCopy() override;
    const backup::Stored& stored() const override { return m_stored; }
    void mark(const std::string& folder_key);

private:
    backup::Stored m_stored;
    backup::PartialFolder m_local;
    Client m_client;
    std::string m_mark_key; // "": there is none
};

// Whoever may only read goes without: what is removed meanwhile is seen at the end.
void HeldCopy::mark(const std::string& folder_key) {
    try {
        m_mark_key = put_mark(m_client, folder_key, k_reader);
    } catch (const Error& error) {
        if (error.code() != ExitCode::output) throw;
        log::info("{}: others may remove it while it is read: {}", printable(m_stored.path), error.what());
    }
}

HeldCopy::~HeldCopy() {
    if (m_mark_key.empty()) return;
    m_client.hurry();
    try {
        delete_object(m_client, m_mark_key);
    } catch (const Error&) { // NOLINT: it counts for a day, and a later run takes it away.
    }
}

class BucketPlace : public backup::Place {
public:
    BucketPlace(const std::string& where, PlaceSettings settings)
        : m_address(parse_address(where)), m_text(to_text(m_address)), m_settings(std::move(settings)),
          m_client(m_settings.settings, m_address.bucket, m_settings.is_stopped) {}

    const std::string& text() const override { return m_text; }
    std::string local_folder() const override { return {}; }
    std::vector<backup::Stored> list() override;
    std::optional<backup::Stored> find(const std::string& which) override;
    int prepare() override { return remove_leftovers(); }
    int remove_leftovers() override;
    std::unique_ptr<backup::NewBackup> begin(const backup::Name& name) override {
        return begin_backup(m_address, m_settings, name);
    }
    std::unique_ptr<backup::HeldBackup> hold(const backup::Stored& stored) override;
    void record_verified(const backup::Stored& stored, const backup::Verified& verified) override;
    bool remove(const backup::Stored& stored) override;

private:
    std::map<std::string, BackupObjects> look() {
        return group_by_backup(list_objects(m_client, m_address.prefix + "cti-"), m_address.prefix);
    }
    std::string key_of(const backup::Stored& stored) const {
        return m_address.prefix + fs::path(stored.path).filename().string() + '/';
    }
    backup::Stored read(const std::string& name, const BackupObjects& found);
    BackupObjects look_at(const backup::Stored& stored);
    void require_still_there(const backup::Stored& stored);
    void download(const backup::Stored& stored, const std::string& folder);
    bool is_abandoned(Time newest) const { return newest < m_settings.now() - k_abandoned; }
    void remove_objects(const std::string& folder_key, const std::string& claim);
    void remove_old_readers(const BackupObjects& found);
    int abort_old_uploads();

    Address m_address;
    std::string m_text;
    PlaceSettings m_settings;
    Client m_client;
};

backup::Stored BucketPlace::read(const std::string& name, const BackupObjects& found) {
    backup::Stored stored;
    stored.path = fmt::format("{}/{}", m_text, name), stored.name = found.name;
    const auto key = fmt::format("{}{}/", m_address.prefix, name);
    const auto text =
        found.has_manifest() ? find_text(m_client, key + backup::k_manifest_file) : std::nullopt;
    try {
        if (!text) throw Error{ExitCode::check, "its manifest is missing"};
        stored.manifest = backup::parse_manifest(*text);
        stored.fault = find_fault(found, *stored.manifest);
        stored.strays = find_strays(found, *stored.manifest);
    } catch (const Error& error) {
        stored.fault = error.what();
    }
    if (found.files.contains(backup::k_verified_file))
        if (const auto verified = find_text(m_client, key + backup::k_verified_file))
            stored.verified = backup::parse_verified(*verified);
    if (stored.fault.empty()) stored.fault = stored.verified.damage;
    return stored;
}

std::vector<backup::Stored> BucketPlace::list() {
    std::vector<backup::Stored> list;
    for (const auto& [name, found] : look()) {
        // It is still being made or removed, or was left like that.
        if (!found.has_manifest() && (!found.claims.empty() || found.files.empty())) continue;
        list.push_back(read(name, found));
    }
    backup::sort_oldest_first(list);
    return list;
}

std::optional<backup::Stored> BucketPlace::find(const std::string& which) {
    const auto begin = m_text + '/';
    return choose_stored(list(), which.starts_with(begin) ? which.substr(begin.size()) : which);
}

BackupObjects BucketPlace::look_at(const backup::Stored& stored) {
    auto backups = group_by_backup(list_objects(m_client, key_of(stored)), m_address.prefix);
    return backups.empty() ? BackupObjects() : std::move(backups.begin()->second);
}

void BucketPlace::require_still_there(const backup::Stored& stored) {
    if (!look_at(stored).has_manifest())
        throw Error{ExitCode::failure,
                    fmt::format("'{}' was removed while it was read", printable(stored.path)),
                    "See 'cti backup list' for those that are left."};
}

// Two lists, one behind the mark and one behind the last byte. Whoever removes puts a claim, then lists, then
// deletes the manifest: so either it sees the mark, or the second list sees what it did, or all that was read
// was there.
std::unique_ptr<backup::HeldBackup> BucketPlace::hold(const backup::Stored& stored) {
    backup::remove_leftovers(fs::temp_directory_path().string());
    auto held = std::make_unique<HeldCopy>(
        stored, Client(m_settings.settings, m_address.bucket, m_settings.is_stopped));
    held->mark(key_of(stored));
    require_still_there(stored);
    try {
        download(stored, held->stored().folder);
    } catch (const Error& error) {
        if (error.code() == ExitCode::failure || error.code() == ExitCode::usage) require_still_there(stored);
        throw;
    }
    require_still_there(stored);
    return held;
}

void BucketPlace::download(const backup::Stored& stored, const std::string& folder) {
    const auto found = look_at(stored);
    long done = 0;
    const auto on_bytes = [&](long more) {
        done += more;
        if (m_settings.say) m_settings.say(fmt::format("downloading: {} MB", done / 1'000'000));
    };
    for (const auto& file : stored.manifest->files)
        if (const auto it = found.files.find(file.name); it != found.files.end() && is_inner_name(file.name))
            download_file(m_client, it->second, (fs::path(folder) / file.name).string(), on_bytes);
}

void BucketPlace::record_verified(const backup::Stored& stored, const backup::Verified& verified) {
    const auto key = key_of(stored) + backup::k_verified_file;
    put_object(m_client, key, to_json(verified));
    if (look_at(stored).has_manifest()) return; // Who removes it from now on sees this too.
    delete_object(m_client, key);
    require_still_there(stored);
}

// The manifest first: from then on it is none. The claim last: it tells that the rest is to go.
void BucketPlace::remove_objects(const std::string& folder_key, const std::string& claim) {
    delete_object(m_client, folder_key + backup::k_manifest_file);
    for (const auto& object : list_objects(m_client, folder_key))
        if (object.key != claim) delete_object(m_client, object.key);
    delete_object(m_client, claim);
}

bool BucketPlace::remove(const backup::Stored& stored) {
    const auto key = key_of(stored);
    const auto claim = put_mark(m_client, key, k_claim);
    const auto found = look_at(stored);
    if (std::ranges::any_of(found.readers,
                            [&](const Object& mark) { return !is_abandoned(mark.modified); })) {
        delete_object(m_client, claim);
        return false;
    }
    remove_objects(key, claim);
    return true;
}

void BucketPlace::remove_old_readers(const BackupObjects& found) {
    for (const auto& mark : found.readers)
        if (is_abandoned(mark.modified)) delete_object(m_client, mark.key);
}

int BucketPlace::abort_old_uploads() {
    int aborted = 0;
    for (const auto& upload : list_uploads(m_client, m_address.prefix + "cti-")) {
        const auto rest = std::string_view(upload.key).substr(m_address.prefix.size());
        if (!is_abandoned(upload.begun) || !backup::parse_name(rest.substr(0, rest.find('/')))) continue;
        abort_parts(m_client, upload.key, upload.id);
        ++aborted;
    }
    return aborted;
}

int BucketPlace::remove_leftovers() {
    backup::remove_leftovers(fs::temp_directory_path().string());
    abort_old_uploads();
    int removed = 0;
    for (const auto& [name, found] : look()) {
        remove_old_readers(found);
        if (found.claims.empty() || !is_abandoned(found.newest())) continue;
        if (found.has_manifest()) {
            for (const auto& claim : found.claims) delete_object(m_client, claim.key);
            continue;
        }
        remove_objects(fmt::format("{}{}/", m_address.prefix, name), found.claims.front().key);
        ++removed;
    }
    return removed;
}
}

std::unique_ptr<backup::Place> make_place(const std::string& where, PlaceSettings settings) {
    return std::make_unique<BucketPlace>(where, std::move(settings));
}
}
