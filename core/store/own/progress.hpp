#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"

// How far somebody has come who goes through rows by their ids: cti.progress.
namespace cti::store {

// The task of a step. That of the search index is not called like its step: programs that have another index
// read `words` as what is done of theirs.
inline StepDone progress_of(const StepDone& step) {
    return step.name == "words" ? StepDone{"search_index", step.version} : step;
}

// 0 before the first, and where it is of another version.
long read_progress(db::Transaction& transaction, const StepDone& task);
void keep_progress(db::Transaction& transaction, const StepDone& task, long done_to);
void forget_progress(db::Transaction& transaction, std::string_view task);

// To be called when nothing of a step is left to do: what is older than an hour counts as done from now on.
// Younger articles may still be committed by others below the highest id.
void keep_progress_to_last_hour(db::Transaction& transaction, const db::Schema& schema, const StepDone& step);
}
