#pragma once
#include "core/model/article.hpp"
#include "core/model/check.hpp"
#include "core/model/indicator.hpp"
#include "core/model/source.hpp"

// The plain structs that the parts of the program hand to each other, for whoever needs several of them.
