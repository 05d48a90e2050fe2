#include "core/analysis/task.hpp"

namespace cti::analysis {

const Task k_summary_task{
    .name = "summary",
    .summary = "Three sentences, each with the sentences that it rests on",
    .version = 2,
    .question =
        "Sum the report up in three plain sentences of at most 40 words: who did what to whom, how, and with "
        "what result. For each give one to three quotations that it rests on. Besides words that connect, "
        "use only words of these quotations.",
    .has_sentence = true,
    .join_question =
        "What stands below as the report are the passages of one long report that its summary may rest on, in their "
        "order. Sum the whole report up in three plain sentences of at most 40 words: who did what to whom, how, and "
        "with what result. For each give one to three quotations that it rests on, each out of one passage. Besides "
        "words that connect, use only words of these quotations.",
    .max_items = 3,
    .max_quotations = 3,
};
}
