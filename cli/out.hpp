#pragma once
#include <string>
#include <string_view>

namespace cti::cli {

// Where data goes: "-" is stdout, anything else a file that appears complete or not at all (written beside, synced, renamed;
// on any error, also when close() is never reached, the old file stays). Throws Error(output).
class Out {
public:
    explicit Out(std::string path);
    ~Out();
    Out(const Out&) = delete;
    Out& operator=(const Out&) = delete;

    // False when the reader of stdout has gone away (`cti export | head`): nothing is wrong, there is only nobody left to write for.
    [[nodiscard]] bool write(std::string_view bytes);
    void close();

private:
    [[noreturn]] void fail(int error) const;

    std::string m_path, m_temporary;
    int m_descriptor;
};
}
