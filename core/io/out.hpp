#pragma once
#include "core/io/compression.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace cti::io {

// Where data goes: "-" is stdout, anything else a file that appears complete or not at all (written beside,
// synced, renamed; on any error, also when close() is never reached, the old file stays and nothing else).
// Throws Error(output).
class Out {
public:
    explicit Out(std::string path, Compression compression = Compression::none);
    ~Out();
    Out(const Out&) = delete;
    Out& operator=(const Out&) = delete;

    // False when the reader of stdout has gone away (`cti export | head`): nothing is wrong, there is only
    // nobody left to write for.
    [[nodiscard]] bool write(std::string_view bytes);
    // From now on what a terminal would obey or mistake is written as it is named ("\x1b"), where stdout is
    // one; elsewhere bytes stay bytes. Each write() then ends at the end of a character.
    void protect_terminal();
    // The temporary name that finish() will give; "" for stdout and devices.
    const std::string& temporary() const { return m_temporary; }
    // Everything is on the disk, under the temporary name that comes back ("" for stdout and devices); only
    // close() may follow. False as for write().
    [[nodiscard]] bool finish(std::string& temporary);
    void close();
    // After finish(): the temporary file stays from now on, even where close() fails or never comes, because
    // its name was written down somewhere; false: it does not after all.
    void keep_temporary(bool keep) { m_keeps_temporary = keep; }

private:
    [[noreturn]] void fail(int error) const;
    void open_beside();
    void sync_and_name();
    bool write_raw(std::string_view bytes);
    bool write_end();

    std::string m_path, m_temporary;
    int m_descriptor;
    std::unique_ptr<Compressor> m_compressor;
    std::string m_compressed;
    bool m_protects_terminal = false;
    bool m_is_finished = false, m_is_nameless = false, m_keeps_temporary = false;
};
}
