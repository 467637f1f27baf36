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
    {"abs", FunctionKind::scalar, false, false},
    {"acos", FunctionKind::scalar, true, false},
    {"acosh", FunctionKind::scalar, true, false},
    {"asin", FunctionKind::scalar, true, false},
    {"asinh", FunctionKind::scalar, true, false},
    {"atan", FunctionKind::scalar, true, false},
    {"atan2", FunctionKind::scalar, true, false},
    {"atanh", FunctionKind::scalar, true, false},
    {"avg", FunctionKind::aggregate, true, false},
    {"ceil", FunctionKind::scalar, true, false},
    {"ceiling", FunctionKind::scalar, true, false},
    {"char", FunctionKind::scalar, false, false},
    {"coalesce", FunctionKind::scalar, true, false},
    {"cos", FunctionKind::scalar, true, false},
    {"cosh", FunctionKind::scalar, true, false},
    {"count", FunctionKind::aggregate, true, false},
    {"cume_dist", FunctionKind::window, false, false},
    {"current_date", FunctionKind::scalar, true, false},
    {"current_time", FunctionKind::scalar, true, false},
    {"current_timestamp", FunctionKind::scalar, true, false},
    {"date", FunctionKind::scalar, true, false},
    {"datetime", FunctionKind::scalar, true, false},
    {"degrees", FunctionKind::scalar, true, false},
    {"dense_rank", FunctionKind::window, false, false},
    {"exp", FunctionKind::scalar, true, false},
    {"first_value", FunctionKind::window, false, false},
    {"floor", FunctionKind::scalar, true, false},
    {"format", FunctionKind::scalar, false, false},
    {"glob", FunctionKind::scalar, false, true},
    {"group_concat", FunctionKind::aggregate, false, false},
    {"hex", FunctionKind::scalar, false, false},
    {"ifnull", FunctionKind::scalar, true, false},
    {"iif", FunctionKind::scalar, true, false},
    {"instr", FunctionKind::scalar, true, true},
    {"json", FunctionKind::scalar, false, false},
    {"json_array", FunctionKind::scalar, false, false},
    {"json_array_length", FunctionKind::scalar, false, false},
    {"json_extract", FunctionKind::scalar, false, false},
    {"json_group_array", FunctionKind::aggregate, false, false},
    {"json_group_object", FunctionKind::aggregate, false, false},
    {"json_insert", FunctionKind::scalar, false, false},
    {"json_object", FunctionKind::scalar, false, false},
    {"json_patch", FunctionKind::scalar, false, false},
    {"json_quote", FunctionKind::scalar, false, false},
    {"json_remove", FunctionKind::scalar, false, false},
    {"json_replace", FunctionKind::scalar, false, false},
    {"json_set", FunctionKind::scalar, false, false},
    {"json_type", FunctionKind::scalar, false, false},
    {"json_valid", FunctionKind::scalar, false, false},
    {"julianday", FunctionKind::scalar, true, false},
    {"lag", FunctionKind::window, false, false},
    {"last_value", FunctionKind::window, false, false},
    {"lead", FunctionKind::window, false, false},
    {"length", FunctionKind::scalar, true, false},
    {"like", FunctionKind::scalar, false, true},
    {"likelihood", FunctionKind::scalar, true, false},
    {"likely", FunctionKind::scalar, true, false},
    {"ln", FunctionKind::scalar, true, false},
    {"log", FunctionKind::scalar, true, false},
    {"log10", FunctionKind::scalar, true, false},
    {"log2", FunctionKind::scalar, true, false},
    {"lower", FunctionKind::scalar, true, false},
    {"ltrim", FunctionKind::scalar, true, true},
    {"max", FunctionKind::aggregate, true, false},
    {"min", FunctionKind::aggregate, true, false},
    {"mod", FunctionKind::scalar, true, false},
    {"nth_value", FunctionKind::window, false, false},
    {"ntile", FunctionKind::window, false, false},
    {"nullif", FunctionKind::scalar, true, false},
    {"percent_rank", FunctionKind::window, false, false},
    {"pi", FunctionKind::scalar, true, false},
    {"pow", FunctionKind::scalar, true, false},
    {"power", FunctionKind::scalar, true, false},
    {"printf", FunctionKind::scalar, false, false},
    {"quote", FunctionKind::scalar, false, false},
    {"radians", FunctionKind::scalar, true, false},
    {"random", FunctionKind::scalar, false, false},
    {"rank", FunctionKind::window, false, false},
    {"replace", FunctionKind::scalar, false, false},
    {"round", FunctionKind::scalar, true, false},
    {"row_number", FunctionKind::window, false, false},
    {"rtrim", FunctionKind::scalar, true, true},
    {"sign", FunctionKind::scalar, true, false},
    {"sin", FunctionKind::scalar, true, false},
    {"sinh", FunctionKind::scalar, true, false},
    {"soundex", FunctionKind::scalar, false, false},
    {"sqrt", FunctionKind::scalar, true, false},
    {"strftime", FunctionKind::scalar, true, true},
    {"substr", FunctionKind::scalar, true, false},
    {"substring", FunctionKind::scalar, true, false},
    {"sum", FunctionKind::aggregate, false, false},
    {"tan", FunctionKind::scalar, true, false},
    {"tanh", FunctionKind::scalar, true, false},
    {"time", FunctionKind::scalar, true, false},
    {"total", FunctionKind::aggregate, true, false},
    {"trim", FunctionKind::scalar, true, true},
    {"trunc", FunctionKind::scalar, true, false},
    {"typeof", FunctionKind::scalar, true, false},
    {"unicode", FunctionKind::scalar, true, false},
    {"unixepoch", FunctionKind::scalar, true, false},
    {"unlikely", FunctionKind::scalar, true, false},
    {"upper", FunctionKind::scalar, true, false},
});
static_assert(std::is_sorted(functions.begin(), functions.end(),
                             [](const FunctionFacts& a, const FunctionFacts& b) { return a.name < b.name; }));

}  // namespace

const FunctionFacts* function_facts(std::string_view name) noexcept {
    const auto* const found =
        std::lower_bound(functions.begin(), functions.end(), name,
                         [](const FunctionFacts& a, std::string_view b) { return a.name < b; });
    return found != functions.end() && found->name == name ? found : nullptr;
}

std::span<const FunctionFacts> known_functions() noexcept {
    return functions;
}

}  // namespace majed::sql
