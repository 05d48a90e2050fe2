#include "core/ops/doctor/doctor.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ops/analysis/ask_model.hpp"
#include "core/ops/doctor/doctor_checks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace cti::ops {
namespace {

void look_at_address(const DoctorOptions& options, Findings& findings) {
    FoundAddress found;
    db::Target target;
    try {
        found = options.find_address();
        target = db::find_target(found.text);
    } catch (const Error& error) {
        findings.add("address", Verdict::fail, error.what(), error.hint());
        return findings.skip({"dns", "tcp", "authentication"}, "there is no address");
    }
    const auto place =
        fmt::format("{} as '{}' at {}{} (from {})", target.database, target.user, target.shown_host,
                    target.is_socket() ? "" : ":" + target.port, found.source);
    if (found.source == "--database-url" && target.has_password)
        findings.add(
            "address", Verdict::warn, place,
            "Others see the password in the list of processes: give it by DATABASE_URL, DATABASE_URL_FILE or PGPASSFILE.");
    else
        findings.add("address", Verdict::ok, place);
    if (look_at_network(target, findings)) look_at_database(options, found.text, target, findings);
}

void look_at_disk(const std::string& folder, Findings& findings) {
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0)
        return findings.add("disk", Verdict::warn, std::strerror(errno),
                            "Start it in a folder that can be read.");
    const double free =
        disk.f_blocks == 0 ? 1 : static_cast<double>(disk.f_bavail) / static_cast<double>(disk.f_blocks);
    findings.add("disk", free < 0.05 ? Verdict::warn : Verdict::ok,
                 fmt::format("{:.0f} % free where exports of this folder would go", free * 100),
                 free < 0.05 ? "Make room before exporting." : "");
}

void look_at_certificates(Findings& findings) {
    for (const char* path :
         {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"})
        if (access(path, R_OK) == 0) return findings.add("certificates", Verdict::ok, path);
    findings.add("certificates", Verdict::fail, "there is no store of certificate authorities",
                 "Install ca-certificates; without it no https feed can be read.");
}
}

namespace {
// A model is no part of collecting: what is wrong with it is a warning.
void look_at_model(const DoctorOptions& options, Findings& findings) {
    try {
        const auto endpoint = options.find_model ? options.find_model() : ModelEndpoint{};
        if (endpoint.url.empty()) return;
        const auto facts = find_model_facts({}, endpoint);
        const auto place = fmt::format("{} at {} ({})", endpoint.model, shown_endpoint(endpoint),
                                       analysis::name_of(api_of(endpoint)));
        if (facts.is_listed || facts.listed.empty()) {
            const auto speed = measure_model({}, endpoint);
            const auto state = place + (facts.is_listed ? " is there" : " answers");
            if (speed)
                return findings.add("model", Verdict::ok,
                                    fmt::format("{}, {:.1f} tokens a second", state, *speed));
            return findings.add("model", Verdict::warn,
                                state + ", but a short question got no answer in 30 s",
                                "A first question waits until the model is loaded: try once more; else see "
                                "the server's own log.");
        }
        findings.add(
            "model", Verdict::warn,
            fmt::format("{}: not among {} models that are listed", place, facts.listed.size()),
            fmt::format("Set LLM_MODEL to one that it has, as {}.", printable(facts.listed.front())));
    } catch (const Error& error) {
        findings.add("model", Verdict::warn, error.what(), error.hint());
    }
}
}

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::ok: return "ok";
    case Verdict::warn: return "warn";
    case Verdict::fail: return "fail";
    case Verdict::skipped: return "skipped";
    }
    return "fail";
}

void Findings::add(std::string check, Verdict verdict, const std::string& detail, std::string remedy) {
    m_findings.push_back({std::move(check), verdict, printable(detail), std::move(remedy)});
}

void Findings::skip(std::initializer_list<const char*> checks, const std::string& why) {
    for (const char* check : checks) add(check, Verdict::skipped, why);
}

void Findings::append(std::vector<Finding> more) { std::ranges::move(more, std::back_inserter(m_findings)); }

std::vector<Finding> examine(const DoctorOptions& options) {
    Findings findings;
    look_at_address(options, findings);
    look_at_disk(options.folder, findings);
    if (!bucket::is_bucket_address(options.backups.where))
        look_at_backup_folder(options.backups.where, findings);
    look_at_certificates(findings);
    look_at_model(options, findings);
    return findings.release();
}

bool is_well(const std::vector<Finding>& findings) {
    return std::ranges::none_of(findings,
                                [](const Finding& finding) { return finding.verdict == Verdict::fail; });
}
}
