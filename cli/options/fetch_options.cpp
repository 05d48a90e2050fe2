#include "cli/options/fetch_options.hpp"

#include "cli/options/options.hpp"

namespace cti::cli {

void add_fetch_options(Options& app, ops::FetchOptions& options) {
    app.add_option("--timeout", options.timeout_s, "Seconds that one request may take in all")
        .between(1, 3600)
        .seconds()
        .envname("CTI_TIMEOUT")
        .capture_default_str()
        .group("Network");
    app.add_flag("--allow-private", options.allow_private,
                 "Let addresses be private, loopback and other special ones")
        .envname("CTI_ALLOW_PRIVATE")
        .group("Network");
    app.add_option("--user-agent", options.user_agent, "What servers see as User-Agent (cti/VERSION)")
        .type_name("TEXT")
        .envname("CTI_USER_AGENT")
        .group("Network");
}

void add_secrets_option(Options& app, std::string& path) {
    app.add_option("--secrets-file", path,
                   "Logins of sources, by the names that their fetch.auth gives; closed to others")
        .type_name("FILE")
        .envname("CTI_SECRETS_FILE")
        .group("Network");
}

void add_extractor_options(Options& app, ops::IntelligenceFiles& files) {
    app.add_option(
           "--galaxy", files.galaxy,
           "Directory of a MISP galaxy: names of malware, tools and actors beside the few that ship with the tool")
        .envname("CTI_GALAXY")
        .type_name("DIR")
        .group("Intelligence");
    app.add_option("--warninglist", files.warninglists,
                   "MISP warninglist of harmless values, or a directory of such; may be given several times")
        .one_each()
        .envname("CTI_WARNINGLIST")
        .type_name("FILE")
        .group("Intelligence");
}

void add_lexicon_option(Options& app, ops::IntelligenceFiles& files) {
    app.add_option("--lexicon", files.lexicon,
                   "Words of the hunt score in place of those that ship with the tool")
        .envname("CTI_LEXICON")
        .type_name("FILE")
        .group("Intelligence");
}
}
