#include "core/bucket/transfers.hpp"

#include "core/base/hash.hpp"
#include "core/base/sha256.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace cti::bucket {
namespace {
namespace fs = std::filesystem;
constexpr long k_max_parts = 10'000;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); } // NOLINT: it was only read
};

// The file in pieces of one size, and the sum of all of it.
class Pieces {
public:
    explicit Pieces(const std::string& path)
        : m_path(path), m_file(std::fopen(path.c_str(), "rbe")),
          m_size(static_cast<long>(fs::file_size(path))) {
        if (!m_file) fail();
    }
    long size() const { return m_size; }
    // As few parts as are allowed.
    long piece_size() const { return std::max(k_part_size, (m_size + k_max_parts - 1) / k_max_parts); }
    std::string read() {
        std::string bytes(static_cast<std::size_t>(piece_size()), '\0');
        bytes.resize(std::fread(bytes.data(), 1, bytes.size(), m_file.get()));
        if (std::ferror(m_file.get()) != 0) fail();
        m_sum.add(bytes);
        return bytes;
    }
    std::string sha256() { return m_sum.hex(); }

private:
    [[noreturn]] void fail() const {
        throw Error{ExitCode::output, fmt::format("cannot read '{}'", printable(m_path))};
    }

    std::string m_path;
    std::unique_ptr<std::FILE, CloseFile> m_file;
    long m_size;
    Sha256 m_sum;
};

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

void put_parts(Client& client, Pieces& pieces, const std::string& key, const std::string& id,
               const OnBytes& on_bytes, std::string& etag, std::string& wanted) {
    std::vector<std::string> etags;
    std::string sums;
    for (long done = 0; done < pieces.size();) {
        auto bytes = pieces.read();
        const auto size = static_cast<long>(bytes.size());
        sums += bytes_of_hex(md5_hex(bytes));
        etags.push_back(put_part(client, key, id, static_cast<int>(etags.size()) + 1, std::move(bytes)));
        done += size;
        if (on_bytes) on_bytes(size);
        if (size == 0) break; // It was cut off meanwhile: the comparison sees it.
    }
    wanted = fmt::format("{}-{}", md5_hex(sums), etags.size());
    etag = end_parts(client, key, id, etags);
}

void upload_in_parts(Client& client, Pieces& pieces, const std::string& key, const OnBytes& on_bytes,
                     std::string& etag, std::string& wanted) {
    const auto id = begin_parts(client, key);
    try {
        put_parts(client, pieces, key, id, on_bytes, etag, wanted);
    } catch (...) {
        client.hurry();
        try {
            abort_parts(client, key, id);
        } catch (const Error&) { // NOLINT: the next run finds it in the list, and aborts it.
        }
        throw;
    }
}

Object find_object(Client& client, const std::string& key) {
    for (auto& object : list_objects(client, key))
        if (object.key == key) return std::move(object);
    throw Error{ExitCode::output,
                fmt::format("cannot change 's3://{}/{}': it is not there after it was stored",
                            client.bucket(), printable(key))};
}

std::string sha256_of(Client& client, const Object& object) {
    Sha256 sum;
    for (long at = 0; at < object.size; at += k_part_size)
        sum.add(get_range(client, object, at, std::min(k_part_size, object.size - at)));
    return sum.hex();
}
}

void upload_file(Client& client, const std::string& path, const std::string& key, const OnBytes& on_bytes) {
    Pieces pieces(path);
    std::string etag, wanted;
    if (pieces.size() <= k_part_size) {
        auto bytes = pieces.read();
        wanted = md5_hex(bytes);
        etag = put_object(client, key, std::move(bytes));
        if (on_bytes) on_bytes(pieces.size());
    } else {
        upload_in_parts(client, pieces, key, on_bytes, etag, wanted);
    }
    const auto object = find_object(client, key);
    if (object.size == pieces.size() && etag == wanted && object.etag == wanted) return;
    if (object.size == pieces.size() && sha256_of(client, object) == pieces.sha256()) return;
    throw Error{ExitCode::output,
                fmt::format("'s3://{}/{}' is not what was sent", client.bucket(), printable(key)),
                "The bucket's server stores wrong bytes: see its log, and make the backup again."};
}

void download_file(Client& client, const Object& object, const std::string& path, const OnBytes& on_bytes) {
    fs::create_directories(fs::path(path).parent_path());
    io::Out out(path);
    for (long at = 0; at < object.size; at += k_part_size) {
        const auto bytes = get_range(client, object, at, std::min(k_part_size, object.size - at));
        if (!out.write(bytes)) return;
        if (on_bytes) on_bytes(static_cast<long>(bytes.size()));
    }
    out.close();
}
}
