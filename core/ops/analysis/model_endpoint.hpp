#pragma once
#include <string>

// A server of language models on the network: the only host that an analysis talks to.
namespace cti::ops {

struct ModelEndpoint {
    std::string url;          // "": there is none, and nothing is analysed
    std::string api = "auto"; // or a name of analysis::Api
    std::string model = "mistral";
    std::string key;     // sent as a bearer token; "": none
    int timeout_s = 300; // of one request; a model without a GPU takes minutes
    int concurrency = 1; // requests at the same time; most servers of one machine do one after the other
    std::string user_agent;
};
}
