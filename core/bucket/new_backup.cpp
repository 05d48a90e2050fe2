#include "core/bucket/new_backup.hpp"

#include "core/backup/partial_folder.hpp"
#include "core/base/text.hpp"
#include "core/bucket/backups.hpp"
#include "core/bucket/transfers.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <random>

namespace cti::bucket {
namespace {
namespace fs = std::filesystem;

class BucketBackup : public backup::NewBackup {
public:
    BucketBackup(const Address& address, const PlaceSettings& settings, const backup::Name& name)
        : m_address(address), m_say(settings.say), m_local(fs::temp_directory_path().string(), to_text(name)),
          m_client(settings.settings, address.bucket, settings.is_stopped) {}
    ~BucketBackup() override;

    const std::string& folder() const override { return m_local.path(); }
    std::string publish(backup::Name name, backup::Manifest& manifest) override;

private:
    bool claim(const std::string& name);
    void upload_files(const backup::Manifest& manifest);
    void require_all_there(const backup::Manifest& manifest);

    Address m_address;
    std::function<void(const std::string&)> m_say;
    backup::PartialFolder m_local;
    Client m_client;
    std::string m_folder_key; // "prefix/NAME/" once it is ours; "": nothing to take away
    std::string m_claim_key;
};

// What a bucket has no rename for: the name is ours where nothing is under it but our own claim. Of two that
// come at once, each may see the other's claim and go on to another name, but never both see none, as what
// was written is in every later list.
bool BucketBackup::claim(const std::string& name) {
    const auto key = m_address.prefix + name + '/';
    if (!list_objects(m_client, key).empty()) return false;
    m_claim_key = put_mark(m_client, key, k_claim);
    const auto found = list_objects(m_client, key);
    if (found.size() == 1 && found.front().key == m_claim_key) {
        m_folder_key = key;
        return true;
    }
    delete_object(m_client, m_claim_key);
    m_claim_key.clear();
    return false;
}

void BucketBackup::upload_files(const backup::Manifest& manifest) {
    long done = 0;
    const auto on_bytes = [&](long more) {
        done += more;
        if (m_say)
            m_say(fmt::format("uploading: {} of {} MB", done / 1'000'000, manifest.bytes() / 1'000'000));
    };
    for (const auto& file : manifest.files)
        upload_file(m_client, (fs::path(m_local.path()) / file.name).string(), m_folder_key + file.name,
                    on_bytes);
}

// An upload that outlasted a day may have been taken for one that nobody goes on with.
void BucketBackup::require_all_there(const backup::Manifest& manifest) {
    const auto backups = group_by_backup(list_objects(m_client, m_folder_key), m_address.prefix);
    const auto it = backups.find(manifest.name);
    const auto fault = it == backups.end() ? "all of it is missing" : find_fault(it->second, manifest);
    if (!fault.empty())
        throw Error{ExitCode::output,
                    fmt::format("'{}/{}' is not whole after it was stored: {}", to_text(m_address),
                                manifest.name, fault),
                    "Make the backup again."};
}

std::string BucketBackup::publish(backup::Name name, backup::Manifest& manifest) {
    // Those who met may meet again, but not again and again.
    for (std::minstd_rand random(std::random_device{}()); !claim(to_text(name));)
        if ((name.number += 1 + static_cast<int>(random() % 3)) > backup::k_max_number)
            throw Error{ExitCode::output, fmt::format("'{}' has no name that is free", to_text(m_address))};
    manifest.name = to_text(name);
    upload_files(manifest);
    require_all_there(manifest);
    backup::write_manifest(m_local.path(), manifest);
    upload_file(m_client, (fs::path(m_local.path()) / backup::k_manifest_file).string(),
                m_folder_key + backup::k_manifest_file, {});
    m_folder_key.clear();
    try {
        delete_object(m_client, m_claim_key);
    } catch (const Error&) { // NOLINT: the backup is whole, and a later run removes what lies beside.
    }
    return fmt::format("{}/{}", to_text(m_address), manifest.name);
}

// Takes away what was begun, as far as the server lets it; what stays has a claim, and no manifest.
BucketBackup::~BucketBackup() {
    if (m_folder_key.empty()) return;
    m_client.hurry();
    try {
        for (const auto& upload : list_uploads(m_client, m_folder_key))
            abort_parts(m_client, upload.key, upload.id);
        delete_object(m_client, m_folder_key + backup::k_manifest_file);
        for (const auto& object : list_objects(m_client, m_folder_key))
            if (object.key != m_claim_key) delete_object(m_client, object.key);
        delete_object(m_client, m_claim_key);
    } catch (const Error&) { // NOLINT: the next run finds it by its claim.
    }
}
}

std::unique_ptr<backup::NewBackup> begin_backup(const Address& address, const PlaceSettings& settings,
                                                const backup::Name& name) {
    return std::make_unique<BucketBackup>(address, settings, name);
}

std::string put_mark(Client& client, const std::string& folder_key, std::string_view kind) {
    std::random_device random;
    auto key = fmt::format("{}{}{:08x}{:08x}", folder_key, kind, random(), random());
    put_object(client, key, "cti\n");
    return key;
}
}
