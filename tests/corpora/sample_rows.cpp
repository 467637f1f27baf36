// SPDX-License-Identifier: Apache-2.0
#include "corpora/sample_rows.h"

#include "core/ascii.h"
#include "corpora/plain_database.h"
#include "sql/lexer.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

namespace majed::corpora {
namespace {

constexpr std::size_t rows_per_table = 30;

/// Numbers that look random and never change (Knuth's MMIX constants).
class Sequence {
public:
    explicit Sequence(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t limit) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>((state_ >> 33) % limit);
    }
    bool percent(std::size_t chance) { return below(100) < chance; }

private:
    std::uint64_t state_;
};

struct Literals {
    std::vector<std::string> texts;
    std::vector<long> numbers;
};

/// Strings and small whole numbers in the statements; a quoted word may be a string too.
Literals literals_of(const std::vector<std::string>& statements) {
    std::set<std::string> texts{"x"};
    std::set<long> numbers{0, 1, 2, 3};
    std::vector<sql::Token> tokens;
    for (const std::string& statement : statements) {
        if (!sql::tokenize(statement, tokens)) continue;
        for (const sql::Token& token : tokens) {
            const std::string word(token.span().in(statement));
            const bool text = token.kind == sql::TokenKind::string || token.kind == sql::TokenKind::quoted;
            if (text && word.size() > 2) {
                std::string inner = word.substr(1, word.size() - 2);
                inner.erase(std::remove(inner.begin(), inner.end(), '%'), inner.end());
                if (!inner.empty()) texts.insert(inner);
            }
            if (token.kind == sql::TokenKind::integer && word.size() < 7)
                numbers.insert(std::atol(word.c_str()));
        }
    }
    return {{texts.begin(), texts.end()}, {numbers.begin(), numbers.end()}};
}

bool counts_something(const std::string& column) {
    const std::string name = ascii_lower(column);
    for (const char* part : {"id", "code", "number", "year", "age", "num", "count"}) {
        if (name.find(part) != std::string::npos) return true;
    }
    return false;
}

std::string value_for(const SampleColumn& column, const Literals& literals, Sequence& sequence) {
    if (sequence.percent(4)) return "NULL";
    if (counts_something(column.name) && sequence.percent(80)) return std::to_string(1 + sequence.below(12));
    const std::string type = ascii_lower(column.type);
    const bool text = type.find("text") != std::string::npos || type.find("char") != std::string::npos ||
                      type.find("date") != std::string::npos || type.empty();
    if (text || sequence.percent(10))
        return quoted_text(literals.texts[sequence.below(literals.texts.size())]);
    if (sequence.percent(10)) return std::to_string(sequence.below(1000)) + ".5";
    return std::to_string(literals.numbers[sequence.below(literals.numbers.size())] +
                          static_cast<long>(sequence.below(3)) - 1);
}

}  // namespace

std::string quoted_name(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

std::string quoted_text(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
    return out + "'";
}

SampleRows::SampleRows(const std::string& ddl, const std::vector<std::string>& statements) {
    PlainDatabase schema;
    schema.execute(ddl);
    for (const std::string& name :
         schema.list("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                     "'sqlite!_%' ESCAPE '!' ORDER BY rowid")) {
        SampleTable table;
        table.name = name;
        const std::string info = "FROM pragma_table_info(" + quoted_text(name) + ") ORDER BY cid";
        const auto names = schema.list("SELECT name " + info);
        const auto types = schema.list("SELECT type " + info);
        const auto keys = schema.list("SELECT pk " + info);
        const auto key_count =
            names.size() - static_cast<std::size_t>(std::count(keys.begin(), keys.end(), "0"));
        for (std::size_t i = 0; i < names.size(); ++i) {
            table.columns.push_back({names[i], types[i]});
            if (key_count == 1 && keys[i] != "0" && equal_ascii_case(types[i], "integer"))
                table.integer_key = i;
        }
        tables_.push_back(std::move(table));
    }
    make_rows(statements);
}

void SampleRows::make_rows(const std::vector<std::string>& statements) {
    const Literals literals = literals_of(statements);
    Sequence sequence(20260101);
    for (const SampleTable& table : tables_) {
        auto& inserts = inserts_.emplace_back();
        for (std::size_t row = 1; row <= rows_per_table; ++row) {
            std::string values;
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                values += (i == 0 ? "" : ",");
                values += table.integer_key == i ? std::to_string(row)
                                                 : value_for(table.columns[i], literals, sequence);
            }
            inserts.push_back("INSERT INTO " + quoted_name(table.name) + " VALUES(" + values + ");");
        }
    }
}

std::string SampleRows::script(RowOrder order, Indexes indexes) const {
    std::string out = "BEGIN;";
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        const SampleTable& table = tables_[i];
        std::string columns;
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            columns += (c == 0 ? "" : ",") + quoted_name(table.columns[c].name) + " " + table.columns[c].type;
            if (table.integer_key == c && order == 0) columns += " PRIMARY KEY";
        }
        out += "CREATE TABLE " + quoted_name(table.name) + "(" + columns + ");";
        if (indexes == Indexes::some) {
            const auto index = [&](const char* suffix, std::size_t c) {
                out += "CREATE INDEX " + quoted_name("index_" + table.name + suffix) + " ON " +
                       quoted_name(table.name) + "(" + quoted_name(table.columns[c].name) + ");";
            };
            index("_first", 0);
            index("_last", table.columns.size() - 1);
        }
        auto inserts = inserts_[i];
        if (order == 1) std::reverse(inserts.begin(), inserts.end());
        if (order > 1) {
            Sequence sequence(order * 1000 + i);
            for (std::size_t r = inserts.size(); r > 1; --r)
                std::swap(inserts[r - 1], inserts[sequence.below(r)]);
        }
        for (const std::string& insert : inserts) out += insert;
    }
    return out + "COMMIT;";
}

}  // namespace majed::corpora
