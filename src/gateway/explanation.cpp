// SPDX-License-Identifier: Apache-2.0
#include "gateway/explanation.h"

#include "core/ascii.h"
#include "sql/lexer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace majed::gateway {
namespace {

constexpr std::size_t longest_compared = 64;
constexpr std::size_t most_named = 3;

/// Letters to change, add or take away, case aside (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const bool same = ascii_lower(a[i]) == ascii_lower(b[j]);
            const std::size_t best = std::min({diagonal + (same ? 0U : 1U), row[j] + 1, row[j + 1] + 1});
            diagonal = std::exchange(row[j + 1], best);
        }
    }
    return row.back();
}

/// Keeps the names nearest to the one that was written.
class NearNames {
public:
    explicit NearNames(std::string_view wanted) : wanted_(wanted) {}

    void consider(const std::string& shown, std::string_view name) {
        if (wanted_.size() > longest_compared || name.size() > longest_compared) return;
        const std::size_t far = distance(wanted_, name);
        const std::size_t allowed = std::max<std::size_t>(1, (std::min(wanted_.size(), name.size()) + 1) / 3);
        if (far <= allowed) found_.emplace_back(far, shown);
    }
    /// Empty when none is near.
    [[nodiscard]] std::string listed() {
        std::sort(found_.begin(), found_.end());
        found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
        std::string out;
        for (std::size_t i = 0; i < std::min(found_.size(), most_named); ++i)
            out += (i == 0 ? "" : ", ") + found_[i].second;
        return out;
    }

private:
    std::string_view wanted_;
    std::vector<std::pair<std::size_t, std::string>> found_;
};

/// A name as it was written at an offset: `x`, `t.x`; followed by a parenthesis, it is a function.
struct WrittenName {
    std::string_view name;
    bool called = false;
};

std::string_view bare(std::string_view name) {
    const bool quoted =
        name.size() > 1 && (name.front() == '"' || name.front() == '`' || name.front() == '[');
    return quoted ? name.substr(1, name.size() - 2) : name;
}

bool is_word(const sql::Token& token) {
    return token.kind == sql::TokenKind::identifier || token.kind == sql::TokenKind::keyword ||
           token.kind == sql::TokenKind::quoted;
}

WrittenName name_at(const std::vector<sql::Token>& tokens, std::string_view sql, std::size_t offset) {
    auto token = std::find_if(tokens.begin(), tokens.end(),
                              [offset](const sql::Token& each) { return each.offset == offset; });
    WrittenName written;
    for (; token != tokens.end() && is_word(*token); ++token) {
        written.name = bare(token->span().in(sql));
        if (++token == tokens.end()) return written;
        written.called = token->kind == sql::TokenKind::left_paren;
        if (token->kind != sql::TokenKind::dot) break;
    }
    return written;
}

bool names_relation(const std::vector<sql::Token>& tokens, std::string_view sql,
                    const sql::SchemaRelation& relation) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const sql::Token& token) {
        const std::string_view name = is_word(token) ? bare(token.span().in(sql)) : std::string_view();
        return name.size() == relation.name.size() && equal_ascii_case(name, relation.name);
    });
}

/// Of a class that no door runs: what to do instead, or why there is nothing to do.
std::string_view where_it_is_done(std::string_view statement_class) {
    struct Place {
        std::string_view statement_class;
        std::string_view text;
    };
    constexpr std::array places{
        Place{"ddl", "The schema is changed by migrations: majed migrate. "},
        Place{"maintenance", "The upkeep of a database is its operator's. "},
        Place{"transaction", "Each statement is a transaction of its own. "},
        Place{"session",
              "A session is lent for one statement: what is set in it would not be there for the next. "},
        Place{"explain",
              "What would be sent to the database is shown by majed check and POST /api/v1/query/check. "},
        Place{"procedure", "What code in the database would do is not governed. "}};
    for (const Place& place : places) {
        if (place.statement_class == statement_class) return place.text;
    }
    return {};
}

}  // namespace

TextPlace place_in(std::string_view sql, std::size_t offset) {
    TextPlace place{1, 1};
    for (const char c : sql.substr(0, std::min(offset, sql.size()))) {
        const bool continues = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
        if (c == '\n') {
            place = {place.line + 1, 1};
        } else if (!continues) {
            ++place.column;
        }
    }
    return place;
}

Error with_what_may_be_run(Error error, std::string_view statement_class, Offers offers) {
    // Where writes are offered at all, what is refused of one is not its class.
    const bool offered =
        statement_class == "read" ||
        (statement_class == "write" && error.message.find("of class write") == std::string::npos);
    const bool other_class = !statement_class.empty() && !offered && statement_class != "unknown";
    if (!other_class || error.code != ErrorCode::denied || !error.hint.empty()) return error;
    std::string hint(where_it_is_done(statement_class));
    hint += "What may be run: SELECT, VALUES, WITH ... SELECT";
    if (offers.writes) hint += ", INSERT, UPDATE, DELETE";
    if (offers.administration) hint += ", statements about the schema";
    return std::move(error).with_hint(hint + ".");
}

Error explained(Error refusal, const RefusedStatement& refused, const rewrite::Profile& profile) {
    Error error = with_what_may_be_run(std::move(refusal), refused.statement_class, refused.offers);
    const std::string_view sql = refused.sql;
    const bool about_a_name = error.code == ErrorCode::denied || error.code == ErrorCode::not_found;
    std::vector<sql::Token> tokens;
    if (!about_a_name || !error.hint.empty() || !error.offset || !sql::tokenize(sql, tokens, refused.dialect))
        return error;
    const WrittenName written = name_at(tokens, sql, *error.offset);
    if (written.name.empty() || written.called) return error;
    const bool table = error.code == ErrorCode::denied;
    if (table && profile.find_relation({}, written.name) != nullptr)
        return error;  // It is not about the name.
    NearNames near(written.name);
    for (const sql::SchemaRelation* relation : profile.relations()) {
        if (table) {
            near.consider(relation->name, relation->name);
        } else if (names_relation(tokens, sql, *relation)) {
            for (const sql::SchemaColumn& column : relation->columns)
                near.consider(relation->name + "." + column.name, column.name);
        }
    }
    const std::string names = near.listed();
    if (names.empty()) return error;
    return std::move(error).with_hint(
        (table ? "Tables you may read with such a name: " : "Columns you may read with such a name: ") +
        names);
}

}  // namespace majed::gateway
