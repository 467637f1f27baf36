// SPDX-License-Identifier: Apache-2.0
#include "sql/functions.h"

#include <algorithm>
#include <array>

namespace majed::sql {
namespace {

// Left out on purpose: load_extension, readfile, fts3_tokenizer and the like (reach outside), zeroblob and
// randomblob (memory without an argument of that size), last_insert_rowid and changes (another statement's
// effects), json_patch (takes the square of its arguments' size), sqlite_compileoption_* and sqlite_version (the host's make).
// min and max with several arguments are scalar; as aggregates they fail as little.
constexpr std::array functions = std::to_array<FunctionFacts>({
    {"abs", FunctionKind::scalar, false, false},
    {"acos", FunctionKind::scalar, true, true},
    {"acosh", FunctionKind::scalar, true, true},
    {"asin", FunctionKind::scalar, true, true},
    {"asinh", FunctionKind::scalar, true, true},
    {"atan", FunctionKind::scalar, true, true},
    {"atan2", FunctionKind::scalar, true, true},
    {"atanh", FunctionKind::scalar, true, true},
    {"avg", FunctionKind::aggregate, true, false},
    {"ceil", FunctionKind::scalar, true, true},
    {"ceiling", FunctionKind::scalar, true, true},
    {"char", FunctionKind::scalar, false, false},
    {"coalesce", FunctionKind::scalar, true, false},
    {"cos", FunctionKind::scalar, true, true},
    {"cosh", FunctionKind::scalar, true, true},
    {"count", FunctionKind::aggregate, true, false},
    {"cume_dist", FunctionKind::window, false, false},
    {"current_date", FunctionKind::scalar, true, false},
    {"current_time", FunctionKind::scalar, true, false},
    {"current_timestamp", FunctionKind::scalar, true, false},
    {"date", FunctionKind::scalar, true, false},
    {"datetime", FunctionKind::scalar, true, false},
    {"degrees", FunctionKind::scalar, true, true},
    {"dense_rank", FunctionKind::window, false, false},
    {"exp", FunctionKind::scalar, true, true},
    {"first_value", FunctionKind::window, false, false},
    {"floor", FunctionKind::scalar, true, true},
    {"format", FunctionKind::scalar, false, false},
    {"glob", FunctionKind::scalar, false, false},
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
    {"length", FunctionKind::scalar, true, true},
    {"like", FunctionKind::scalar, false, false},
    {"likelihood", FunctionKind::scalar, true, false},
    {"likely", FunctionKind::scalar, true, false},
    {"ln", FunctionKind::scalar, true, true},
    {"log", FunctionKind::scalar, true, true},
    {"log10", FunctionKind::scalar, true, true},
    {"log2", FunctionKind::scalar, true, true},
    {"lower", FunctionKind::scalar, true, true},
    {"ltrim", FunctionKind::scalar, true, true},
    {"max", FunctionKind::aggregate, true, false},
    {"min", FunctionKind::aggregate, true, false},
    {"mod", FunctionKind::scalar, true, true},
    {"nth_value", FunctionKind::window, false, false},
    {"ntile", FunctionKind::window, false, false},
    {"nullif", FunctionKind::scalar, true, false},
    {"percent_rank", FunctionKind::window, false, false},
    {"pi", FunctionKind::scalar, true, true},
    {"pow", FunctionKind::scalar, true, true},
    {"power", FunctionKind::scalar, true, true},
    {"printf", FunctionKind::scalar, false, false},
    {"quote", FunctionKind::scalar, false, false},
    {"radians", FunctionKind::scalar, true, true},
    {"random", FunctionKind::scalar, false, false},
    {"rank", FunctionKind::window, false, false},
    {"replace", FunctionKind::scalar, false, false},
    {"round", FunctionKind::scalar, true, true},
    {"row_number", FunctionKind::window, false, false},
    {"rtrim", FunctionKind::scalar, true, true},
    {"sign", FunctionKind::scalar, true, true},
    {"sin", FunctionKind::scalar, true, true},
    {"sinh", FunctionKind::scalar, true, true},
    {"soundex", FunctionKind::scalar, false, false},
    {"sqrt", FunctionKind::scalar, true, true},
    {"strftime", FunctionKind::scalar, true, true},
    {"substr", FunctionKind::scalar, true, true},
    {"substring", FunctionKind::scalar, true, true},
    {"sum", FunctionKind::aggregate, false, false},
    {"tan", FunctionKind::scalar, true, true},
    {"tanh", FunctionKind::scalar, true, true},
    {"time", FunctionKind::scalar, true, false},
    {"total", FunctionKind::aggregate, true, false},
    {"trim", FunctionKind::scalar, true, true},
    {"trunc", FunctionKind::scalar, true, true},
    {"typeof", FunctionKind::scalar, true, false},
    {"unicode", FunctionKind::scalar, true, true},
    {"unixepoch", FunctionKind::scalar, true, false},
    {"unlikely", FunctionKind::scalar, true, false},
    {"upper", FunctionKind::scalar, true, true},
});
static_assert(are_in_order(functions));

}  // namespace

const FunctionFacts* function_facts(std::string_view name, DialectId dialect) noexcept {
    const std::span<const FunctionFacts> known = known_functions(dialect);
    const auto found =
        std::lower_bound(known.begin(), known.end(), name,
                         [](const FunctionFacts& a, std::string_view b) { return a.name < b; });
    return found != known.end() && found->name == name ? &*found : nullptr;
}

std::span<const FunctionFacts> known_functions(DialectId dialect) noexcept {
    if (dialect == DialectId::postgres) return postgres_functions();
    if (dialect == DialectId::oracle) return oracle_functions();
    return functions;
}

}  // namespace majed::sql
