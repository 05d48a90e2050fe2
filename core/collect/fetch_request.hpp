#pragma once
#include "core/collect/collect.hpp"
#include "core/net/fetcher.hpp"
#include "core/sources/settings.hpp"

// What the options of a run and the settings of a source make of a document that is asked for.
namespace cti::collect {

net::FetcherSettings fetcher_settings(const Options& options);
net::FetchRequest to_request(const sources::FetchSettings& settings, const Ask& ask, const Options& options);
}
