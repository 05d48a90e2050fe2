#include "core/backup/partial_folder.hpp"
#include "core/backup/place.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cti::backup {
namespace {
class NewFolder : public NewBackup {
public:
    NewFolder(const std::string& folder, const Name& name) : m_folder(folder, to_text(name)) {}
    const std::string& folder() const override { return m_folder.path(); }
    std::string publish(Name name, Manifest& manifest) override {
        return m_folder.publish(std::move(name), manifest);
    }

private:
    PartialFolder m_folder;
};

class HeldFolder : public HeldBackup {
public:
    explicit HeldFolder(const Stored& stored)
        : m_stored(stored), m_lock(stored.folder, FolderLock::Kind::read) {}
    const Stored& stored() const override { return m_stored; }

private:
    Stored m_stored;
    FolderLock m_lock;
};

class FolderPlace : public Place {
public:
    explicit FolderPlace(std::string folder) : m_folder(std::move(folder)) {}
    const std::string& text() const override { return m_folder; }
    std::string local_folder() const override { return m_folder; }
    std::vector<Stored> list() override { return list_stored(m_folder); }
    std::optional<Stored> find(const std::string& which) override { return find_stored(m_folder, which); }
    int prepare() override;
    int remove_leftovers() override { return backup::remove_leftovers(m_folder); }
    std::unique_ptr<NewBackup> begin(const Name& name) override {
        return std::make_unique<NewFolder>(m_folder, name);
    }
    std::unique_ptr<HeldBackup> hold(const Stored& stored) override {
        return std::make_unique<HeldFolder>(stored);
    }
    void record_verified(const Stored& stored, const Verified& verified) override {
        backup::record_verified(stored, verified);
    }
    bool remove(const Stored& stored) override { return remove_stored(stored); }

private:
    std::string m_folder;
};

int FolderPlace::prepare() {
    if (m_folder.find("://") != std::string::npos)
        throw Error{ExitCode::usage,
                    fmt::format("backups go into a folder or a bucket, not to '{}'", printable(m_folder)),
                    "Name a folder, or s3://BUCKET/PREFIX."};
    std::error_code error;
    std::filesystem::create_directories(m_folder, error);
    if (error) fail_to_write(m_folder, error);
    return remove_leftovers();
}
}

std::unique_ptr<Place> make_folder_place(const std::string& folder) {
    return std::make_unique<FolderPlace>(folder);
}

std::optional<Stored> choose_stored(const std::vector<Stored>& list, const std::string& which) {
    const auto found = std::find_if(list.rbegin(), list.rend(), [&](const Stored& stored) {
        const auto name = std::filesystem::path(stored.path).filename().string();
        const bool is_regular = stored.fault.empty() && stored.name.label != k_safety_label;
        return (which == "latest" && is_regular) || which == name || which == stored.name.label;
    });
    return found == list.rend() ? std::nullopt : std::optional(*found);
}
}
