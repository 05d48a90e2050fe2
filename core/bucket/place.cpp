#include "core/bucket/place.hpp"

#include "core/backup/partial_folder.hpp"
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

// Whoever uploads for longer is taken for gone. The clocks do not differ by more than a quarter of an hour,
// or the server would take no signature of ours.
constexpr auto k_abandoned = std::chrono::hours(24);

// A copy on this machine, as long as it is needed.
class HeldCopy : public backup::HeldBackup {
public:
    explicit HeldCopy(const backup::Stored& stored)
        : m_stored(stored), m_local(fs::temp_directory_path().string(), to_text(stored.name)) {
        m_stored.folder = m_local.path();
    }
    const backup::Stored& stored() const override { return m_stored; }
    backup::Stored& stored() { return m_stored; }

private:
    backup::Stored m_stored;
    backup::PartialFolder m_local;
};

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
    bool is_abandoned(Time newest) const { return newest < m_settings.now() - k_abandoned; }
    void remove_objects(const std::string& folder_key, const std::string& claim);
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
        if (!found.has_manifest() && !found.claims.empty()) continue;
        list.push_back(read(name, found));
    }
    backup::sort_oldest_first(list);
    return list;
}

std::optional<backup::Stored> BucketPlace::find(const std::string& which) {
    const auto begin = m_text + '/';
    return choose_stored(list(), which.starts_with(begin) ? which.substr(begin.size()) : which);
}

std::unique_ptr<backup::HeldBackup> BucketPlace::hold(const backup::Stored& stored) {
    backup::remove_leftovers(fs::temp_directory_path().string());
    auto held = std::make_unique<HeldCopy>(stored);
    const auto backups = group_by_backup(list_objects(m_client, key_of(stored)), m_address.prefix);
    long done = 0;
    const auto on_bytes = [&](long more) {
        done += more;
        if (m_settings.say) m_settings.say(fmt::format("downloading: {} MB", done / 1'000'000));
    };
    for (const auto& [name, found] : backups)
        for (const auto& file : stored.manifest->files)
            if (const auto it = found.files.find(file.name);
                it != found.files.end() && is_inner_name(file.name))
                download_file(m_client, it->second, (fs::path(held->stored().folder) / file.name).string(),
                              on_bytes);
    return held;
}

void BucketPlace::record_verified(const backup::Stored& stored, const backup::Verified& verified) {
    put_object(m_client, key_of(stored) + backup::k_verified_file, to_json(verified));
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
    remove_objects(key, put_claim(m_client, key));
    return true;
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
