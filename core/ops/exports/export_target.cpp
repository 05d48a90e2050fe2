#include "core/ops/exports/export_target.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace cti::ops {
namespace {
namespace fs = std::filesystem;

class Document : public Target {
public:
    Document(const exporter::Format& format, const ExportOptions& options, io::Compression compression)
        : m_writer(exporter::make_writer(format, options.writer)), m_out(options.output, compression) {
        m_out.protect_terminal();
    }

    void begin() override {
        m_writer->begin(m_buffer);
        drain(1); // A reader sees at once that something comes.
    }
    void article(const StoredArticle& article) override {
        m_writer->article(m_buffer, article);
        drain(k_portion);
    }
    std::string waiting_file() const override { return m_out.temporary(); }
    void finish() override {
        m_writer->end(m_buffer);
        drain(1);
        std::string temporary;
        if (!m_out.finish(temporary)) throw Stopped{};
    }
    void keep_waiting(bool keep) override { m_out.keep_temporary(keep); }
    void close() override { m_out.close(); }

private:
    // In portions, so that memory does not depend on the number of articles.
    static constexpr std::size_t k_portion = 64 * 1024;
    void drain(std::size_t limit) {
        if (m_buffer.size() < limit) return;
        if (!m_out.write(m_buffer)) throw Stopped{};
        m_buffer.clear();
    }
    std::unique_ptr<exporter::Writer> m_writer;
    std::string m_buffer;
    io::Out m_out;
};

// Each file appears complete or not at all; doing it again writes the same files.
class Folder : public Target {
public:
    Folder(const exporter::Format& format, const ExportOptions& options, io::Compression compression)
        : m_writer(exporter::make_folder_writer(format, options.writer)), m_folder(options.output_dir),
          m_compression(compression) {
        std::error_code error;
        fs::create_directories(m_folder, error);
        if (error || !fs::is_directory(m_folder, error))
            throw Error{ExitCode::output, fmt::format("cannot make the folder '{}': {}", printable(m_folder),
                                                      error ? ascii_lower(error.message()) : "it is a file")};
    }
    void article(const StoredArticle& article) override { write(m_writer->article(article)); }
    void finish() override {
        for (const auto& file : m_writer->end()) write(file);
    }

private:
    void write(const exporter::File& file) const {
        const char* suffix = m_compression == io::Compression::gzip   ? ".gz"
                             : m_compression == io::Compression::zstd ? ".zst"
                                                                      : "";
        io::Out out((fs::path(m_folder) / (file.name + suffix)).string(), m_compression);
        if (!out.write(file.content)) throw Stopped{};
        out.close();
    }
    std::unique_ptr<exporter::FolderWriter> m_writer;
    std::string m_folder;
    io::Compression m_compression;
};
}

std::unique_ptr<Target> make_target(const ExportOptions& options, const exporter::Format& format) {
    const auto compression = choose_compression(options);
    if (options.output_dir.empty()) return std::make_unique<Document>(format, options, compression);
    return std::make_unique<Folder>(format, options, compression);
}

io::Compression choose_compression(const ExportOptions& options) {
    return options.compression ? *options.compression : io::compression_of(options.output);
}
}
