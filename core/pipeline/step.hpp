#pragma once
#include "core/intel/article_text.hpp"
#include "core/model.hpp"

#include <span>
#include <string_view>

// What is made of an article's text. Each step is a row of the table in steps.cpp; which article has been
// through which one, and which version of it, is a row of cti.derived (core/store/own/derived).
namespace cti::pipeline {

class Intelligence;

struct StepTools {
    const Intelligence* intelligence = nullptr; // none: the steps that need it are left out
    bool is_2025 = false;                       // the tables are those of the web service of 2025
};

struct Step {
    std::string_view name; // in cti.derived, and of `intel backfill --step`
    // Goes up by one where a step makes something else of the same text: the backfill then makes again what
    // the one before made.
    int version;
    // Made before the article is stored, and stored with it. Otherwise by the backfill alone.
    bool in_article_transaction;
    StepReads reads;          // what the step asks of an article that is stored already
    std::string_view writes;  // where what it makes is kept
    std::string_view summary; // for people
    // Fills what the step makes of the article's title, text and address. False: it could not be made here.
    bool (*run)(const StepTools&, intel::ArticleText&, Article&);
};

std::span<const Step> steps();
// Nothing where no step has this name.
const Step* find_step(std::string_view name);
// That is in the table.
const Step& get_step(std::string_view name);

// All that belong into the article's transaction; article.steps then says which were run.
void run_steps(const StepTools& tools, Article& article);
// `text` is the article's own, where others asked it for something before.
void run_steps(const StepTools& tools, intel::ArticleText& text, Article& article);
// One of them; whether it was made.
bool run_step(const Step& step, const StepTools& tools, Article& article);
}
