#pragma once
#include "core/export/formats.hpp"

// What the table in formats.cpp is made of: one file a format.
namespace cti::exporter {
Needs needs_json(const Options& options);
std::unique_ptr<Writer> make_json(const Options& options);
std::unique_ptr<Writer> make_ndjson(const Options& options);
Needs needs_csv(const Options& options);
std::unique_ptr<Writer> make_csv(const Options& options);
Needs needs_stix(const Options& options);
std::unique_ptr<Writer> make_stix(const Options& options);
Needs needs_misp(const Options& options);
std::unique_ptr<Writer> make_misp(const Options& options);
std::unique_ptr<FolderWriter> make_misp_feed(const Options& options);
Needs needs_suricata(const Options& options);
std::unique_ptr<Writer> make_suricata(const Options& options);
Needs needs_ecs(const Options& options);
std::unique_ptr<Writer> make_ecs(const Options& options);
Needs needs_zeek(const Options& options);
std::unique_ptr<Writer> make_zeek(const Options& options);
Needs needs_list(const Options& options);
std::unique_ptr<Writer> make_list(const Options& options);
Needs needs_atom(const Options& options);
std::unique_ptr<Writer> make_atom(const Options& options);
Needs needs_digest(const Options& options); // markdown, html
std::unique_ptr<Writer> make_markdown(const Options& options);
std::unique_ptr<Writer> make_html(const Options& options);
}
