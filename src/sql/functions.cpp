// SPDX-License-Identifier: Apache-2.0
#include "sql/functions.h"

#include <algorithm>
#include <array>

namespace majed::sql {
namespace {

// Left out on purpose: load_extension, readfile, fts3_tokenizer and the like (reach outside), zeroblob and
// randomblob (memory without an argument of that size), last_insert_rowid and changes (another statement's
// effects), sqlite_compileoption_* and sqlite_version (the host's make).
// min and max with several arguments are scalar; as aggregates they fail as little.
constexpr std::array functions = std::to_array<FunctionFacts>({
    {"abs", FunctionKind::scalar, false},
    {"acos", FunctionKind::scalar, true},
    {"acosh", FunctionKind::scalar, true},
    {"asin", FunctionKind::scalar, true},
    {"asinh", FunctionKind::scalar, true},
    {"atan", FunctionKind::scalar, true},
    {"atan2", FunctionKind::scalar, true},
    {"atanh", FunctionKind::scalar, true},
    {"avg", FunctionKind::aggregate, true},
    {"ceil", FunctionKind::scalar, true},
    {"ceiling", FunctionKind::scalar, true},
    {"char", FunctionKind::scalar, false},
    {"coalesce", FunctionKind::scalar, true},
    {"cos", FunctionKind::scalar, true},
    {"cosh", FunctionKind::scalar, true},
    {"count", FunctionKind::aggregate, true},
    {"cume_dist", FunctionKind::window, false},
    {"current_date", FunctionKind::scalar, true},
    {"current_time", FunctionKind::scalar, true},
    {"current_timestamp", FunctionKind::scalar, true},
    {"date", FunctionKind::scalar, true},
    {"datetime", FunctionKind::scalar, true},
    {"degrees", FunctionKind::scalar, true},
    {"dense_rank", FunctionKind::window, false},
    {"exp", FunctionKind::scalar, true},
    {"first_value", FunctionKind::window, false},
    {"floor", FunctionKind::scalar, true},
    {"format", FunctionKind::scalar, false},
    {"glob", FunctionKind::scalar, false},
    {"group_concat", FunctionKind::aggregate, false},
    {"hex", FunctionKind::scalar, false},
    {"ifnull", FunctionKind::scalar, true},
    {"iif", FunctionKind::scalar, true},
    {"instr", FunctionKind::scalar, true},
    {"json", FunctionKind::scalar, false},
    {"json_array", FunctionKind::scalar, false},
    {"json_array_length", FunctionKind::scalar, false},
    {"json_extract", FunctionKind::scalar, false},
    {"json_group_array", FunctionKind::aggregate, false},
    {"json_group_object", FunctionKind::aggregate, false},
    {"json_insert", FunctionKind::scalar, false},
    {"json_object", FunctionKind::scalar, false},
    {"json_patch", FunctionKind::scalar, false},
    {"json_quote", FunctionKind::scalar, false},
    {"json_remove", FunctionKind::scalar, false},
    {"json_replace", FunctionKind::scalar, false},
    {"json_set", FunctionKind::scalar, false},
    {"json_type", FunctionKind::scalar, false},
    {"json_valid", FunctionKind::scalar, false},
    {"julianday", FunctionKind::scalar, true},
    {"lag", FunctionKind::window, false},
    {"last_value", FunctionKind::window, false},
    {"lead", FunctionKind::window, false},
    {"length", FunctionKind::scalar, true},
    {"like", FunctionKind::scalar, false},
    {"likelihood", FunctionKind::scalar, true},
    {"likely", FunctionKind::scalar, true},
    {"ln", FunctionKind::scalar, true},
    {"log", FunctionKind::scalar, true},
    {"log10", FunctionKind::scalar, true},
    {"log2", FunctionKind::scalar, true},
    {"lower", FunctionKind::scalar, true},
    {"ltrim", FunctionKind::scalar, true},
    {"max", FunctionKind::aggregate, true},
    {"min", FunctionKind::aggregate, true},
    {"mod", FunctionKind::scalar, true},
    {"nth_value", FunctionKind::window, false},
    {"ntile", FunctionKind::window, false},
    {"nullif", FunctionKind::scalar, true},
    {"percent_rank", FunctionKind::window, false},
    {"pi", FunctionKind::scalar, true},
    {"pow", FunctionKind::scalar, true},
    {"power", FunctionKind::scalar, true},
    {"printf", FunctionKind::scalar, false},
    {"quote", FunctionKind::scalar, false},
    {"radians", FunctionKind::scalar, true},
    {"random", FunctionKind::scalar, false},
    {"rank", FunctionKind::window, false},
    {"replace", FunctionKind::scalar, false},
    {"round", FunctionKind::scalar, true},
    {"row_number", FunctionKind::window, false},
    {"rtrim", FunctionKind::scalar, true},
    {"sign", FunctionKind::scalar, true},
    {"sin", FunctionKind::scalar, true},
    {"sinh", FunctionKind::scalar, true},
    {"soundex", FunctionKind::scalar, false},
    {"sqrt", FunctionKind::scalar, true},
    {"strftime", FunctionKind::scalar, true},
    {"substr", FunctionKind::scalar, true},
    {"substring", FunctionKind::scalar, true},
    {"sum", FunctionKind::aggregate, false},
    {"tan", FunctionKind::scalar, true},
    {"tanh", FunctionKind::scalar, true},
    {"time", FunctionKind::scalar, true},
    {"total", FunctionKind::aggregate, true},
    {"trim", FunctionKind::scalar, true},
    {"trunc", FunctionKind::scalar, true},
    {"typeof", FunctionKind::scalar, true},
    {"unicode", FunctionKind::scalar, true},
    {"unixepoch", FunctionKind::scalar, true},
    {"unlikely", FunctionKind::scalar, true},
    {"upper", FunctionKind::scalar, true},
});
static_assert(std::is_sorted(functions.begin(), functions.end(),
                             [](const FunctionFacts& a, const FunctionFacts& b) { return a.name < b.name; }));

}  // namespace

const FunctionFacts* function_facts(std::string_view name) noexcept {
    const auto* const found = std::lower_bound(functions.begin(), functions.end(), name,
                                               [](const FunctionFacts& a, std::string_view b) { return a.name < b; });
    return found != functions.end() && found->name == name ? found : nullptr;
}

std::span<const FunctionFacts> known_functions() noexcept { return functions; }

}  // namespace majed::sql
