#pragma once
#include "core/monitor/routes.hpp"

// A monitor at noon in which all is well, for tests to change.
namespace cti::monitor::test {
Time noon();
Source make_source(int id, const std::string& identifier);
struct Sample {
    Sample();
    Facts facts;
    Library library;
    Snapshot snapshot;
    LoopView loop;
    State state() const; // a copy of it all
};
}
